//! `wellmet admin`.

use std::io::{IsTerminal, Write};

use anyhow::{Context, bail};
use clap::Subcommand;
use wellmet::{
    accounts::{Accounts, CreateAdminError, HashCost, PasswordHasher},
    config::Config,
    error::Internal,
    integrations::{Providers, tokens::Tokens},
    limits::Limits,
    notices::webhooks,
};

/// What can be done about admins.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an admin. The password comes from the variable `ADMIN_PASSWORD`, or else is asked for.
    Create {
        /// The address to sign in with.
        #[arg(long)]
        email: String,
        /// How others see them.
        #[arg(long, default_value = "Admin")]
        name: String,
    },
    /// Seal every stored token again with the newest `SECRET_KEY`; `SECRET_KEY_PREVIOUS` opens the old ones. The site may
    /// go on running, once all its servers know both keys.
    RotateKey,
}

/// Does it and says so.
pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create { email, name } => create(config, &email, &name).await,
        Command::RotateKey => rotate_key(config).await,
    }
}

async fn rotate_key(config: &Config) -> anyhow::Result<()> {
    let deps = super::connect(config).await?;
    deps.store.migrate().await.context("cannot bring the database up to date")?;
    let vault = super::keys::vault(config, &deps)?;
    let half_way = |error: Internal| anyhow::anyhow!("stopped half-way; run it again: {}", error.cause());
    let tokens = Tokens::new(deps.clone(), vault.clone(), Providers::default()).rotate_key().await.map_err(half_way)?;
    let hooks = webhooks::rotate_key(&deps, &vault).await.map_err(half_way)?;
    println!("{} values are sealed with the newest key now.", tokens.sealed + hooks.sealed);
    deps.store.close().await;
    let unopenable = tokens.unopenable + hooks.unopenable;
    if unopenable > 0 {
        bail!(
            "{unopenable} values could not be opened with any of the keys and were left alone: is a former key missing from SECRET_KEY_PREVIOUS?"
        );
    }
    Ok(())
}

async fn create(config: &Config, email: &str, name: &str) -> anyhow::Result<()> {
    let password = password()?;
    let deps = super::connect(config).await?;
    deps.store.migrate().await.context("cannot bring the database up to date")?;
    let limits = Limits::new(deps.clone(), config.limits);
    let accounts = Accounts::new(deps.clone(), limits, PasswordHasher::new(HashCost::OWASP));
    match accounts.create_admin(email, name, &password).await {
        Ok(_) => println!("{email} can sign in at {} as an admin.", config.public_url.join("/login")),
        Err(CreateAdminError::Invalid(errors)) => {
            let problems: Vec<String> = errors.0.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
            bail!("no admin was made\n  {}", problems.join("\n  "));
        }
        Err(CreateAdminError::Internal(error)) => bail!("no admin was made: {}", error.cause()),
    }
    deps.store.close().await;
    Ok(())
}

/// From the environment, or one line from standard input. Never an argument: those are visible to everyone.
fn password() -> anyhow::Result<String> {
    if let Ok(password) = std::env::var("ADMIN_PASSWORD") {
        return Ok(password);
    }
    if std::io::stdin().is_terminal() {
        eprint!("Password (it will be visible): ");
        std::io::stderr().flush()?;
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("cannot read the password")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
