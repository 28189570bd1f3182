package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// address is whose request it is, as far as that can be told: the peer's address, or, where the peer is a proxy on this
// machine or in its private network, the last one that the proxy names. Of IPv6 the half that a subscriber is given counts.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip = ip.Unmap(); ip.IsLoopback() || ip.IsPrivate() {
		named := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if last, err := netip.ParseAddr(strings.TrimSpace(named[len(named)-1])); err == nil {
			ip = last.Unmap()
		}
	}
	if ip.Is6() {
		if half, err := ip.Prefix(64); err == nil {
			return half.String()
		}
	}
	return ip.String()
}
