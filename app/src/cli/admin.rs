//! `wellmet admin`.

use std::io::{IsTerminal, Write};

use anyhow::{Context, bail};
use clap::Subcommand;
use wellmet::{
    accounts::{Accounts, CreateAdminError, HashCost, PasswordHasher},
    config::Config,
    limits::Limits,
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
}

/// Does it and says so.
pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let Command::Create { email, name } = command;
    let password = password()?;
    let deps = super::connect(config).await?;
    deps.store.migrate().await.context("cannot bring the database up to date")?;
    let limits = Limits::new(deps.clone(), config.limits);
    let accounts = Accounts::new(deps.clone(), limits, PasswordHasher::new(HashCost::OWASP));
    match accounts.create_admin(&email, &name, &password).await {
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
