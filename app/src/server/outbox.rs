//! What follows from a change, and who does it: the one list of both.

use std::sync::Arc;

use wellmet::{
    jobs::{Handler, JobKind, Source, Worker, WorkerSettings},
    notices::{Consequence, Spread, mail::BookingMails},
};

use super::AppState;

/// The worker of this server. Whoever starts it stops it.
pub fn worker(app: &AppState) -> Worker {
    let spread: Arc<dyn Source> = Arc::new(Spread::new(app.deps.clone(), consequences(app)));
    Worker::new(app.deps.clone(), WorkerSettings::default(), handlers(app), vec![spread])
}

/// What follows from each change of a booking, in this order.
fn consequences(_app: &AppState) -> Vec<Arc<dyn Consequence>> {
    vec![Arc::new(BookingMails)]
}

/// Who does which jobs.
fn handlers(app: &AppState) -> Vec<(JobKind, Arc<dyn Handler>)> {
    let mailer: Arc<dyn Handler> = Arc::new(app.mailer.clone());
    let mails = [JobKind::BookingMail, JobKind::Reminder, JobKind::CalendarTrouble, JobKind::AccountMail];
    mails.into_iter().map(|kind| (kind, mailer.clone())).collect()
}
