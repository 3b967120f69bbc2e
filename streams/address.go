package streams

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

const maxURL = 2048

// addressTrouble says why this cannot be a receiver's address, or nothing. What its name leads to is checked when it is
// dialled.
func (s *Sender) addressTrouble(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "" || len(address) > maxURL:
		return "Give the receiver's whole address, such as https://example.com/tagtrail."
	case u.Scheme != "https" && (u.Scheme != "http" || !s.AllowPrivate):
		return "The address must begin with https://."
	case u.User != nil:
		return "Leave the name and password out of the address: the signature tells the receiver who sends."
	case u.Fragment != "":
		return "Leave out what is behind the #: it is never sent."
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !s.AllowPrivate && !public(ip) {
		return "That is an address inside a private network, which entries are not sent to."
	}
	if name := strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")); !s.AllowPrivate && (name == "localhost" || strings.HasSuffix(name, ".localhost")) {
		return "That is an address inside a private network, which entries are not sent to."
	}
	return ""
}

// special are the ranges of the IANA registries of special purposes that netip's own questions leave out.
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4",
	// Of IPv6 only 2000::/3 is given out; within it these lead elsewhere.
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

var globalIPv6 = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// public reports whether the address is one of the open internet.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Zone() != "" || ip.Is6() && !globalIPv6.Contains(ip) {
		return false
	}
	for _, p := range special {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// errPrivate says that a receiver's name led into a private network.
var errPrivate = errors.New("an address inside a private network")

// control looks at the address that is dialled, after its name was resolved: a name may lead elsewhere each time.
func (s *Sender) control(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("read address %s: %w", address, err)
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return fmt.Errorf("read address %s: %w", address, err)
	}
	if !s.AllowPrivate && !public(ip) {
		return errPrivate
	}
	return nil
}
