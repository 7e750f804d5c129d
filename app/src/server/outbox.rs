//! What follows from a change, and who does it: the one list of both.

use std::sync::Arc;

use wellmet::{
    integrations::write_back::{CalendarChecks, CalendarEvents},
    jobs::{Handler, JobKind, Source, Worker, WorkerSettings},
    notices::{Consequence, InTheCalendar, PaymentFollows, ReminderPlan, Spread, mail::BookingMails, webhooks::WebhookJobs},
    payments::PaymentChecks,
};

use super::AppState;

/// The worker of this server. Whoever starts it stops it.
pub fn worker(app: &AppState) -> Worker {
    let sources: Vec<Arc<dyn Source>> = vec![
        Arc::new(Spread::new(app.deps.clone(), consequences(app))),
        Arc::new(CalendarChecks::new(app.deps.clone())),
        Arc::new(PaymentChecks::new(app.deps.clone())),
    ];
    Worker::new(app.deps.clone(), WorkerSettings::default(), handlers(app), sources)
}

/// What follows from each change of a booking, in this order.
fn consequences(_app: &AppState) -> Vec<Arc<dyn Consequence>> {
    vec![Arc::new(InTheCalendar), Arc::new(BookingMails), Arc::new(ReminderPlan), Arc::new(WebhookJobs), Arc::new(PaymentFollows)]
}

/// Who does which jobs.
fn handlers(app: &AppState) -> Vec<(JobKind, Arc<dyn Handler>)> {
    let calendars: Arc<dyn Handler> = Arc::new(CalendarEvents::new(app.tokens.clone(), app.config.public_url.clone()));
    let hooks: Arc<dyn Handler> = Arc::new(app.webhooks.sender());
    let payments: Arc<dyn Handler> = Arc::new(app.payments.clone());
    let mailer: Arc<dyn Handler> = Arc::new(app.mailer.clone());
    let mails = [JobKind::BookingMail, JobKind::Reminder, JobKind::CalendarTrouble, JobKind::AccountMail];
    let mails = mails.into_iter().map(|kind| (kind, mailer.clone()));
    mails.chain([(JobKind::CalendarEvent, calendars), (JobKind::Webhook, hooks), (JobKind::Payment, payments)]).collect()
}
