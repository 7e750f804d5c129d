//! The program `wellmet-sandbox`.

use std::io::{self, Write as _};
use std::net::SocketAddr;

use clap::Parser;
use sandbox::{Provider, Sandbox, SandboxConfig, StripeConfig, environment};

/// The stand-in for Google, Microsoft, Cal.com and Stripe.
#[derive(Debug, Parser)]
#[command(name = "wellmet-sandbox", version)]
struct Arguments {
    /// Where to listen; loopback only.
    #[arg(long, default_value = "127.0.0.1:3200")]
    listen: SocketAddr,
    /// Prints the settings with which a site uses the sandbox at that address, and ends.
    #[arg(long)]
    print_env: bool,
    /// An origin whose callbacks are registered as redirect URIs; may be given many times. Default: port 3000 of this machine.
    #[arg(long = "origin")]
    origins: Vec<String>,
    /// A further redirect URI, as `google=http://...`; may be given many times.
    #[arg(long = "redirect-uri", value_parser = redirect_uri)]
    redirect_uris: Vec<(Provider, String)>,
    /// Stands in for Stripe as well.
    #[arg(long)]
    stripe: bool,
    /// An address of this machine that is told of Stripe's events; may be given many times.
    #[arg(long = "stripe-webhook", requires = "stripe")]
    stripe_webhooks: Vec<String>,
}

fn redirect_uri(text: &str) -> Result<(Provider, String), String> {
    let (name, uri) = text.split_once('=').ok_or("expected PROVIDER=URI")?;
    let provider =
        Provider::CALENDARS.into_iter().find(|provider| provider.slug() == name).ok_or("the providers are google, microsoft and cal")?;
    Ok((provider, uri.to_owned()))
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    if arguments.print_env {
        for (name, value) in environment(arguments.listen, arguments.stripe) {
            writeln!(io::stdout(), "{name}={value}")?;
        }
        return Ok(());
    }
    let mut config = SandboxConfig {
        listen: arguments.listen,
        redirect_uris: arguments.redirect_uris,
        stripe: arguments.stripe.then_some(StripeConfig { webhook_urls: arguments.stripe_webhooks }),
        ..SandboxConfig::default()
    };
    if !arguments.origins.is_empty() {
        config.origins = arguments.origins;
    }
    let sandbox = Sandbox::start(config).await?;
    writeln!(io::stdout(), "The sandbox listens on http://{}", sandbox.address())?;
    sandbox.wait().await;
    Ok(())
}
