package differ_test

import (
	"strings"
	"testing"

	"github.com/undog-dev/undog/watcher/check/differ"
)

// Stack traces of many languages are recognised in a page that is otherwise
// as it was, and text that only speaks of errors is not.
func TestStackTraces(t *testing.T) {
	pad := strings.Repeat("<p>nothing of note</p>", 100)
	for body, want := range map[string]bool{
		"Traceback (most recent call last):\n  File \"a.py\", line 3":                  true,
		"\npanic: runtime error: nil map":                                              true,
		"goroutine 17 [running]:\nmain.main()":                                         true,
		"java.lang.IllegalStateException: x\n\tat com.shop.Cart.total(Cart.java:42)":   true,
		"Exception in thread \"main\" java.lang.Error":                                 true,
		"TypeError: x is not a function\n    at render (/app/views/cart.js:10:5)":      true,
		"   at Shop.Cart.Total() in /src/Cart.cs:line 42":                              true,
		"<b>Fatal error</b>: Uncaught Error in <b>/var/www/a.php</b> on line <b>3</b>": true,
		"app/models/cart.rb:12:in 'total'":                                             true,
		"thread 'main' panicked at src/main.rs:4:5":                                    true,
		"Don't panic: towels are on sale":                                              false,
		"Read on line 5 of the manual about cart.js: it is good":                       false,
		"An exception is made for members":                                             false,
		"The goroutine is a friend":                                                    false,
	} {
		old, now := text("<main>"+pad+"</main>"), text("<main>"+pad+"<pre>"+body+"</pre>"+pad+"</main>")
		if report := differ.Compare(old, old, now, differ.Options{}); report.Convicts() != want {
			t.Errorf("%q: %s", body, write(report))
		}
		if report := differ.Compare(now, now, now, differ.Options{}); report.Convicts() {
			t.Errorf("%q was there before: %s", body, write(report))
		}
	}
}
