package controlplane

import (
	"context"
	"fmt"
	"net/url"

	"go.etcd.io/etcd/server/v3/embed"

	"github.com/undog-dev/undog/test/cluster"
)

// etcdSocket is relative to the working directory, which is the state folder:
// a Unix socket's path may have 107 bytes at most, and the folder's name is the
// caller's choice.
const etcdSocket = "unix://etcd.sock"

// quotaBytes is etcd's recommended ceiling; the default of 2 GiB would end a
// long churn test with a "no space" alarm.
const quotaBytes = 8 << 30

// startEtcd starts an etcd that only this user can reach. It never syncs its
// files: the data does not outlive the machine, and syncing dominates the time
// of a small one. An etcd that ends early calls fail.
func startEtcd(ctx context.Context, fail context.CancelCauseFunc, dir cluster.Dir) error {
	config := embed.NewConfig()
	config.Dir = dir.EtcdData()
	config.UnsafeNoFsync = true
	config.QuotaBackendBytes = quotaBytes
	config.LogLevel = "warn"
	config.LogOutputs = []string{embed.StdErrLogOutput}
	config.ListenClientUrls = []url.URL{{Scheme: "unix", Host: "etcd.sock"}}
	// No peer ever connects, and no client asks for the advertised address.
	nowhere := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	config.AdvertiseClientUrls = nowhere
	config.ListenPeerUrls = nowhere
	config.AdvertisePeerUrls = nowhere
	config.InitialCluster = config.InitialClusterFromName(config.Name)

	server, err := embed.StartEtcd(config)
	if err != nil {
		return fmt.Errorf("start etcd: %w", err)
	}
	select {
	case <-server.Server.ReadyNotify():
		go func() {
			select {
			case err := <-server.Err():
				fail(fmt.Errorf("run etcd: %w", err))
			case <-ctx.Done():
			}
		}()
		return nil
	case err := <-server.Err():
		server.Close()
		return fmt.Errorf("start etcd: %w", err)
	case <-ctx.Done():
		server.Close()
		return fmt.Errorf("wait for etcd: %w", ctx.Err())
	}
}
