package supervisor

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

const (
	// slots is how many nodes a machine can have at once.
	slots  = 64
	bridge = "cni0"
	uplink = "uplink"
)

// slot is a node's place on the machine: its number names the link, the
// cgroup and the subnet.
type slot int

// unclaimed is the slot of a node that has none yet.
const unclaimed slot = -1

func (s slot) name() string { return fmt.Sprintf("undog%d", int(s)) }

// address is one in the node's subnet.
func (s slot) address(host byte) netip.Addr {
	return netip.AddrFrom4([4]byte{10, 210, byte(s), host})
}

func (s slot) node() netip.Addr { return s.address(1) }

func (s slot) machine() netip.Addr { return s.address(254) }

// firstPod and lastPod bound the addresses of pods.
func (s slot) firstPod() netip.Addr { return s.address(2) }
func (s slot) lastPod() netip.Addr  { return s.address(250) }

func (s slot) subnet() netip.Prefix { return netip.PrefixFrom(s.node(), 24).Masked() }

// claimSlot makes the pair of links between the machine and the node. The
// machine's end is the claim: its name can exist once.
func claimSlot(inside *network) (slot, error) {
	used, err := usedNetworks()
	if err != nil {
		return unclaimed, err
	}
	for s := range slot(slots) {
		if overlaps(s.subnet(), used) {
			continue
		}
		err := netlink.LinkAdd(&netlink.Veth{
			LinkAttrs:     netlink.LinkAttrs{Name: s.name()},
			PeerName:      uplink,
			PeerNamespace: netlink.NsFd(inside.file.Fd()),
		})
		if errors.Is(err, unix.EEXIST) {
			continue
		}
		if err != nil {
			return unclaimed, fmt.Errorf("make link %s: %w", s.name(), err)
		}
		return s, configureLink(s.name(), s.machine(), s.subnet().Bits())
	}
	return unclaimed, fmt.Errorf("find a subnet: the first %d /24 networks of 10.210.0.0/16 are all in use: stop other nodes", slots)
}

// usedNetworks are the machine's routes; the default route is none of them.
func usedNetworks() ([]netip.Prefix, error) {
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		return nil, fmt.Errorf("list routes: %w", err)
	}
	var used []netip.Prefix
	for _, route := range routes {
		if route.Dst == nil {
			continue
		}
		address, ok := netip.AddrFromSlice(route.Dst.IP.To4())
		ones, _ := route.Dst.Mask.Size()
		if ok {
			used = append(used, netip.PrefixFrom(address, ones))
		}
	}
	return used, nil
}

// overlaps says whether a route of the machine would lose to the subnet's. A
// wider route, as of a private network, keeps the rest of its addresses.
func overlaps(subnet netip.Prefix, used []netip.Prefix) bool {
	for _, route := range used {
		if route.Bits() >= subnet.Bits() && subnet.Overlaps(route) {
			return true
		}
	}
	return false
}

// configureNode brings up the node's end: a bridge that pods and the machine
// meet on. It exists before the first pod so that the kubelet has an address.
func configureNode(s slot) error {
	if err := configureLink("lo", netip.Addr{}, 0); err != nil {
		return err
	}
	// Without an address of its own, a bridge takes a member's, and changes it
	// as pods come and go.
	mac := net.HardwareAddr{0x02, 0, 0, 0, 0, 0}
	_, _ = rand.Read(mac[1:])
	if err := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: bridge, HardwareAddr: mac}}); err != nil {
		return fmt.Errorf("make bridge: %w", err)
	}
	if err := configureLink(bridge, s.node(), s.subnet().Bits()); err != nil {
		return err
	}
	master, err := netlink.LinkByName(bridge)
	if err != nil {
		return fmt.Errorf("find bridge: %w", err)
	}
	link, err := netlink.LinkByName(uplink)
	if err != nil {
		return fmt.Errorf("find uplink: %w", err)
	}
	if err := netlink.LinkSetMaster(link, master); err != nil {
		return fmt.Errorf("connect uplink: %w", err)
	}
	return configureLink(uplink, netip.Addr{}, 0)
}

// configureLink gives the link an address, if there is one, and brings it up.
func configureLink(name string, address netip.Addr, bits int) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("find link %s: %w", name, err)
	}
	if address.IsValid() {
		network := &net.IPNet{IP: address.AsSlice(), Mask: net.CIDRMask(bits, 32)}
		if err := netlink.AddrAdd(link, &netlink.Addr{IPNet: network}); err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("give %s the address %s: %w", name, address, err)
		}
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("bring up %s: %w", name, err)
	}
	return nil
}

// addLoopback makes an address the node's own.
func addLoopback(host string) error {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return fmt.Errorf("read service address: %w", err)
	}
	return configureLink("lo", address, 32)
}

// releaseSlot removes the machine's end. It goes by itself with the network
// namespace, but a moment later.
func releaseSlot(s slot) error {
	link, err := netlink.LinkByName(s.name())
	if errors.As(err, &netlink.LinkNotFoundError{}) {
		return nil
	}
	if err == nil {
		err = netlink.LinkDel(link)
	}
	if err != nil && !errors.Is(err, unix.ENODEV) {
		return fmt.Errorf("remove link %s: %w", s.name(), err)
	}
	return nil
}
