use std::net::IpAddr;

use super::networks::Networks;

/// The proxies in front of this server, by network. What anyone else says about addresses is not believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Networks);

impl TrustedProxies {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Networks::parse(text).map(Self)
    }

    /// The visitor's address: `peer` is who connected, `forwarded` the `X-Forwarded-For` headers joined with commas.
    ///
    /// Each proxy appends the address it was called from, so the list is read from the right for as long as the one
    /// who appended is trusted. What stands further left may be invented by the visitor.
    pub fn client_address(&self, peer: IpAddr, forwarded: Option<&str>) -> IpAddr {
        let mut client = peer.to_canonical();
        for hop in forwarded.unwrap_or("").rsplit(',') {
            if !self.0.contains(client) {
                break;
            }
            let Some(address) = read_hop(hop.trim()) else { break };
            client = address;
        }
        client
    }
}

/// An address as proxies write it, with or without port: `192.0.2.7`, `192.0.2.7:81`, `2001:db8::1`, `[2001:db8::1]:81`.
fn read_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.split(']').next()).unwrap_or(hop);
    let address = bare.parse().ok().or_else(|| bare.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &str) -> String {
        let proxies = TrustedProxies::parse("10.0.0.0/8 127.0.0.1, ::1 2001:db8:1::/48").unwrap();
        proxies.client_address(peer.parse().unwrap(), Some(forwarded)).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client("192.0.2.1", "198.51.100.1"), "192.0.2.1");
        assert_eq!(client("11.0.0.1", "198.51.100.1"), "11.0.0.1");
    }

    #[test]
    fn trusted_hops_are_walked_from_the_right() {
        assert_eq!(client("127.0.0.1", "6.6.6.6, 192.0.2.9, 10.1.2.3"), "192.0.2.9");
        assert_eq!(client("::ffff:127.0.0.1", "192.0.2.9:4711"), "192.0.2.9");
        assert_eq!(client("2001:db8:1:f::1", "[2001:db8:2::7]:81"), "2001:db8:2::7");
        assert_eq!(client("127.0.0.1", "10.0.0.1,10.0.0.2"), "10.0.0.1");
    }

    #[test]
    fn noise_ends_the_walk() {
        assert_eq!(client("127.0.0.1", "192.0.2.9, unknown, 10.0.0.9"), "10.0.0.9");
        assert_eq!(client("127.0.0.1", ""), "127.0.0.1");
    }

    #[test]
    fn networks_are_checked() {
        for bad in ["10.0.0.0/33", "10.0.0", "::1/129", "proxy.example", "10.0.0.0/", "10.0.0.0/-1"] {
            assert!(TrustedProxies::parse(bad).is_err(), "{bad}");
        }
        let everyone = TrustedProxies::parse("0.0.0.0/0").unwrap();
        assert_eq!(everyone.client_address([192, 0, 2, 1].into(), Some("192.0.2.2")).to_string(), "192.0.2.2");
    }
}
