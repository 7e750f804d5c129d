use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolving};

use super::{Refused, network::is_public};
use crate::config::Networks;

/// Tells which addresses a name has.
#[async_trait]
pub trait Resolve: Send + Sync + 'static {
    /// All addresses of `host`, a name.
    ///
    /// # Errors
    /// When the name cannot be resolved now, or is not known.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Decides which addresses may be connected to. As the client's resolver it sees every name just before the connection is made
/// to what it answers.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) resolver: Arc<dyn Resolve>,
    pub(super) networks: Arc<Networks>,
    /// Public addresses are refused as well: for ports that are not the web's.
    pub(super) inside_only: bool,
}

impl Guard {
    /// Whether an address may be connected to.
    pub(super) fn check(&self, address: IpAddr) -> Result<(), Refused> {
        if self.networks.contains(address) || self.networks.contains(address.to_canonical()) {
            return Ok(());
        }
        match (is_public(address), self.inside_only) {
            (true, false) => Ok(()),
            (true, true) => Err(Refused::Port),
            (false, _) => Err(Refused::PrivateNetwork),
        }
    }

    pub(super) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let addresses = self.resolver.resolve(host).await?;
        // One bad answer among good ones is how a name is made to slip through.
        addresses.iter().try_for_each(|address| self.check(*address))?;
        Ok(addresses)
    }
}

impl reqwest::dns::Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let addresses = guard.addresses(name.as_str()).await?;
            // The port is the client's to fill in.
            let sockets: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(sockets)
        })
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("networks", &self.networks).field("inside_only", &self.inside_only).finish_non_exhaustive()
    }
}
