use std::net::IpAddr;

use crate::limits::address_key;

/// Where a request comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// The visitor's address; `None` where there is none (the command line).
    pub address: Option<IpAddr>,
    /// What the browser calls itself: at most 200 characters, none of them control characters.
    pub user_agent: String,
}

impl ClientInfo {
    /// Takes what the request says; `user_agent` is cut to size.
    pub fn new(address: Option<IpAddr>, user_agent: &str) -> Self {
        Self { address, user_agent: user_agent.chars().filter(|c| !c.is_control()).take(200).collect() }
    }

    /// The key under which limits count the address.
    pub fn address_key(&self) -> Option<String> {
        self.address.map(address_key)
    }
}
