//! Mail through a server, with connections that are kept for the next one.

use std::time::Duration;

use async_trait::async_trait;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    address::Envelope,
    transport::smtp::{Error, PoolConfig},
};
use tokio::time::timeout;

use super::transport::{Delivery, Letter, Transport};
use crate::config::SmtpConfig;

/// How long one mail may take, with connecting, TLS and signing in.
const LONGEST: Duration = Duration::from_secs(30);
/// How long the server may think about one command.
const EACH_COMMAND: Duration = Duration::from_secs(20);
/// How many connections are open at once.
const CONNECTIONS: u32 = 8;
/// How long a connection is kept that nobody uses.
const KEPT: Duration = Duration::from_mins(1);

/// A mail server. Cheap to clone.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

/// A mail server that cannot be used as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("SMTP_URL cannot be used")]
pub struct SmtpError;

impl Smtp {
    /// The server of `config`. Nothing is connected yet. Called inside the runtime, which looks after its connections.
    ///
    /// # Errors
    /// When the URL cannot be used; the configuration has checked it.
    pub fn new(config: &SmtpConfig) -> Result<Self, SmtpError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(config.url.expose()).map_err(|_| SmtpError)?;
        let pool = PoolConfig::new().max_size(CONNECTIONS).idle_timeout(KEPT);
        Ok(Self { transport: builder.timeout(Some(EACH_COMMAND)).pool_config(pool).build() })
    }

    /// Whether the server lets us in: connects, signs in, and says nothing more.
    ///
    /// # Errors
    /// Why it does not, in our words.
    pub async fn knock(&self) -> Result<(), String> {
        match timeout(LONGEST, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err("The mail server did not answer.".to_owned()),
            Ok(Err(error)) => Err(no_entry(&error)),
            Err(_) => Err("The mail server took too long.".to_owned()),
        }
    }

    async fn hand_over(&self, envelope: &Envelope, letter: &Letter) -> Delivery {
        // What goes wrong before the mail is named is never about the mail: a refused sign-in is a 5xx too.
        if let Err(why) = self.knock().await {
            return Delivery::NotNow(why);
        }
        match self.transport.send_raw(envelope, &letter.bytes).await {
            Ok(_) => Delivery::Accepted,
            Err(error) => {
                // The server's own words are for the log alone.
                tracing::info!(target: "mail", id = letter.id, %error, "not taken");
                outcome(&error)
            }
        }
    }
}

#[async_trait]
impl Transport for Smtp {
    async fn send(&self, letter: &Letter) -> Delivery {
        let envelope = (letter.from.parse::<Address>().ok(), letter.to.parse::<Address>().ok());
        let (Some(from), Some(to)) = envelope else { return Delivery::Refused("No mail can be sent to such an address.".to_owned()) };
        let Ok(envelope) = Envelope::new(Some(from), vec![to]) else {
            return Delivery::Refused("No mail can be sent to such an address.".to_owned());
        };
        match timeout(LONGEST, self.hand_over(&envelope, letter)).await {
            Ok(delivery) => delivery,
            Err(_) => Delivery::NotNow("The mail server took too long.".to_owned()),
        }
    }
}

/// What an error says about the mail that was being sent.
fn outcome(error: &Error) -> Delivery {
    let code = error.status().map(u16::from);
    match code {
        // 50x are about our commands and 53x about signing in: not about this mail, and mended by the operator.
        Some(code @ (521 | 540..=599)) => Delivery::Refused(format!("The mail server refused the address or the mail ({code}).")),
        Some(code) => Delivery::NotNow(format!("The mail server does not take it now ({code}).")),
        None if error.is_client() => Delivery::Refused("The mail server cannot take an address like this.".to_owned()),
        None => Delivery::NotNow(no_entry(error)),
    }
}

/// Why there is no connection to work with.
fn no_entry(error: &Error) -> String {
    match error.status().map(u16::from) {
        Some(code @ (530 | 534 | 535 | 538)) => format!("The mail server does not accept our sign-in ({code})."),
        Some(code) => format!("The mail server does not let us in ({code})."),
        None if distrusts(error) => "The mail server's encryption cannot be trusted.".to_owned(),
        None if error.is_timeout() => "The mail server took too long.".to_owned(),
        None => "The mail server cannot be reached, or broke off.".to_owned(),
    }
}

/// Whether encryption failed: the certificate is for another name, has run out, or nobody vouches for it.
fn distrusts(error: &Error) -> bool {
    let mut causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let broken = |cause: &(dyn std::error::Error + 'static)| {
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause.is::<rustls::Error>() || matches!(inner, Some(inner) if inner.is::<rustls::Error>())
    };
    error.is_tls() || causes.any(broken)
}
