//! The command line: `wellmet serve | migrate | demo | admin | doctor | backup | openapi`.

mod admin;
mod backup;
mod demo;
mod doctor;
mod keys;
mod migrate;
mod serve;

use std::{collections::HashMap, io::IsTerminal, process::ExitCode, sync::Arc};

use anyhow::Context;
use clap::{Parser, Subcommand};
use wellmet::{
    Deps,
    config::Config,
    store::Store,
    time::{SystemClock, SystemIds},
};

/// Wellmet: a booking site for coaches, hosted by yourself. What it reads from the environment, `wellmet doctor` lists.
#[derive(Debug, Parser)]
#[command(name = "wellmet", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the site. Brings the database up to date first.
    Serve,
    /// Bring the database up to date.
    Migrate,
    /// Load a small practice to look around in, into an empty database, and print who can sign in.
    Demo {
        /// Do nothing, and say so, when the database has users already.
        #[arg(long)]
        if_empty: bool,
    },
    /// Manage the people who run this site.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Check configuration, database, site files and clock, and say what is wrong.
    Doctor,
    /// Print the REST API's document (OpenAPI 3.1, JSON). Needs no configuration.
    Openapi,
    /// Copy the database to a file while the site runs (SQLite).
    Backup {
        /// The file to write. It must not exist.
        to: std::path::PathBuf,
    },
}

/// Runs the program with the process's arguments and environment.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("wellmet: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch(arguments.command)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("wellmet: {}", in_words(&error));
            ExitCode::FAILURE
        }
    }
}

/// What failed and why. One cause is enough: the store's errors say what is behind them themselves.
fn in_words(error: &anyhow::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    let env: HashMap<String, String> = std::env::vars().collect();
    if matches!(command, Command::Doctor) {
        return Ok(doctor::run(&env).await);
    }
    if matches!(command, Command::Openapi) {
        print!("{}", crate::api::document::text());
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::from_env(&env)?;
    start_log(&config);
    match command {
        Command::Serve => serve::run(config).await?,
        Command::Migrate => migrate::run(&config).await?,
        Command::Demo { if_empty } => demo::run(&config, if_empty).await?,
        Command::Admin(command) => admin::run(&config, command).await?,
        Command::Backup { to } => backup::run(&config, &to).await?,
        Command::Doctor | Command::Openapi => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn start_log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::new(&config.log);
    let coloured = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(coloured).with_writer(std::io::stderr).init();
}

/// The database that `config` names, with the machine's clock and randomness.
async fn connect(config: &Config) -> anyhow::Result<Deps> {
    let store = Store::connect(config.database_url.expose()).await;
    let store = store.with_context(|| format!("cannot open the database {}", config.database_url.redacted()))?;
    Ok(Deps { store, clock: Arc::new(SystemClock), ids: Arc::new(SystemIds) })
}
