//! `wellmet doctor`: what is wrong, before it is noticed otherwise.

use std::{collections::HashMap, process::ExitCode};

use wellmet::{
    config::{Config, SETTINGS},
    jobs::{Jobs, OVERDUE_MINUTES},
    notices::mail::Smtp,
    time::tzdata_version,
};

use crate::server::site::Site;

/// Earlier than this program was written: the clock is wrong.
const BUILT: i64 = 1_763_000_000_000;

/// Checks everything and prints one line for each check. Fails when something keeps the site from working.
pub(super) async fn run(env: &HashMap<String, String>) -> ExitCode {
    let config = match Config::from_env(env) {
        Ok(config) => config,
        Err(errors) => {
            println!("wrong  {errors}");
            return ExitCode::FAILURE;
        }
    };
    let mut report = Report { wrong: false };
    fine("configuration", &format!("the site is {}, listening on {}", config.public_url.origin(), config.site_addr));
    for setting in SETTINGS {
        let state = if env.contains_key(setting.name) { "set" } else { "not set" };
        println!("         {:<28} {state}: {}", setting.name, setting.purpose);
    }
    site(&mut report, &config);
    mail(&mut report, &config).await;
    database(&mut report, &config).await;
    if report.wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

struct Report {
    wrong: bool,
}

fn fine(what: &str, words: &str) {
    println!("fine   {what}: {words}");
}

impl Report {
    fn wrong(&mut self, what: &str, words: &str) {
        self.wrong = true;
        println!("wrong  {what}: {words}");
    }
}

fn site(report: &mut Report, config: &Config) {
    match Site::find(config.site_root.as_deref()) {
        Err(error) => report.wrong("site files", &error.to_string()),
        Ok(site) => {
            let missing = site.missing();
            for problem in &missing {
                report.wrong("site files", problem);
            }
            if missing.is_empty() {
                fine("site files", &site.root().display().to_string());
            }
        }
    }
}

/// That mail is off is no fault: a site works without it. A mail server that does not let us in is one.
async fn mail(report: &mut Report, config: &Config) {
    let Some(server) = &config.mail.smtp else {
        return println!("note   mail: {}", config.mail.warning().unwrap_or_default());
    };
    let knocked = match Smtp::new(server) {
        Ok(smtp) => smtp.knock().await,
        Err(error) => Err(error.to_string()),
    };
    match knocked {
        Ok(()) => fine("mail", &format!("{} lets us in; mail comes from {}", server.shown, config.mail.from.email)),
        Err(problem) => report.wrong("mail", &format!("{}: {problem}", server.shown)),
    }
    if server.in_the_clear {
        println!("note   mail: what is sent to {} can be read on the way: use smtps://, or smtp:// with ?tls=required", server.shown);
    }
}

async fn database(report: &mut Report, config: &Config) {
    let deps = match super::connect(config).await {
        Ok(deps) => deps,
        Err(error) => return report.wrong("database", &super::in_words(&error)),
    };
    match deps.store.ping().await {
        Ok(()) => fine("database", &format!("{} answers at {}", deps.store.engine_name(), config.database_url.redacted())),
        Err(error) => report.wrong("database", &error.to_string()),
    }
    let now = deps.clock.now();
    if now.millis() < BUILT {
        report.wrong("clock", &format!("it shows {}, which is past", now.to_rfc3339()));
    } else {
        fine("clock", &format!("{}; time zones of {}", now.to_rfc3339(), tzdata_version()));
    }
    outstanding(&Jobs::new(deps.clone())).await;
    deps.store.close().await;
}

/// What follows from bookings and was not done. Nothing of it keeps the site from working.
async fn outstanding(jobs: &Jobs) {
    match jobs.backlog().await {
        Ok(backlog) if backlog.given_up == 0 && backlog.overdue == 0 => fine("follow-ups", "none is given up or overdue"),
        Ok(backlog) => println!(
            "look   follow-ups: {} given up, {} overdue by more than {OVERDUE_MINUTES} minutes; /admin/jobs says which",
            backlog.given_up, backlog.overdue
        ),
        // `wellmet serve` and `wellmet migrate` make the tables.
        Err(_) => println!("look   follow-ups: the database has no tables yet, or not those of this version"),
    }
}
