//! The outbox: what is written once is done until it is done, in order, in turn, by one server at a time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use serde_json::json;
use wellmet::{
    error::Internal,
    jobs::{self, GivenUp, Handler, Job, JobKind, Jobs, NewJob, Verdict, Worker, WorkerSettings},
    model::UserId,
    store::sql,
};

use crate::support::{TestDb, both_engines};

/// Does what it is told to, job by job, and remembers which it was given.
#[derive(Default)]
struct Script {
    said: Mutex<HashMap<String, Vec<Verdict>>>,
    seen: Mutex<Vec<String>>,
}

impl Script {
    fn say(&self, key: &str, verdicts: &[Verdict]) {
        self.said.lock().unwrap().insert(key.to_owned(), verdicts.iter().rev().cloned().collect());
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

#[async_trait]
impl Handler for Script {
    async fn run(&self, job: &Job) -> Result<Verdict, Internal> {
        self.seen.lock().unwrap().push(job.key.clone());
        Ok(self.said.lock().unwrap().get_mut(&job.key).and_then(Vec::pop).unwrap_or(Verdict::Done))
    }
}

fn worker(db: &TestDb, script: &Arc<Script>, settings: WorkerSettings) -> Worker {
    // Mail is left alone: whoever registers is sent some.
    let handlers = [(JobKind::Webhook, script.clone() as Arc<dyn Handler>)];
    Worker::new(db.deps(), settings, handlers, Vec::new())
}

async fn write(db: &TestDb, key: &str, lane: Option<(&str, i64)>, coach: Option<UserId>) {
    let job = NewJob {
        kind: JobKind::Webhook,
        key: key.to_owned(),
        lane: lane.map(|(lane, number)| (lane.to_owned(), number)),
        coach_id: coach,
        booking_id: None,
        user_id: None,
        payload: json!({}),
        run_at: db.now(),
    };
    let mut tx = db.store().begin().await.unwrap();
    jobs::enqueue(&mut tx, db.ids(), db.now(), job).await.unwrap();
    tx.commit().await.unwrap();
}

both_engines! {
    async fn a_key_happens_once(db: TestDb) {
        let script = Arc::new(Script::default());
        let worker = worker(&db, &script, WorkerSettings::default());
        write(&db, "a", None, None).await;
        write(&db, "a", None, None).await;
        assert_eq!(worker.drain().await.unwrap(), 1);
        write(&db, "a", None, None).await;
        assert_eq!(worker.drain().await.unwrap(), 0);
        assert_eq!(script.seen(), ["a"]);
    }

    async fn a_lane_keeps_its_order_while_its_first_fails(db: TestDb) {
        let script = Arc::new(Script::default());
        let worker = worker(&db, &script, WorkerSettings::default());
        script.say("first", &[Verdict::failed("no"), Verdict::Failed { why: "no".into(), after: Some(Duration::from_mins(10)) }]);
        write(&db, "second", Some(("lane", 2)), None).await;
        write(&db, "first", Some(("lane", 1)), None).await;
        write(&db, "elsewhere", Some(("other", 1)), None).await;
        worker.drain().await.unwrap();
        let mut seen = script.seen();
        seen.sort();
        assert_eq!(seen, ["elsewhere", "first"]);
        db.clock().advance(Duration::from_secs(7));
        worker.drain().await.unwrap();
        assert_eq!(script.seen(), ["first"], "after the first pause");
        db.clock().advance(Duration::from_mins(9));
        worker.drain().await.unwrap();
        assert_eq!(script.seen(), [""; 0], "who refused wants ten minutes");
        db.clock().advance(Duration::from_mins(2));
        worker.drain().await.unwrap();
        assert_eq!(script.seen(), ["first", "second"]);
    }

    async fn what_is_given_up_waits_for_a_person_and_holds_up_nothing(db: TestDb) {
        let script = Arc::new(Script::default());
        let worker = worker(&db, &script, WorkerSettings::default());
        let (coach, other) = (db.coach("cora").await, db.coach("otto").await);
        script.say("hopeless", &[Verdict::Hopeless("They said no.".into())]);
        write(&db, "hopeless", Some(("lane", 1)), Some(coach.id())).await;
        write(&db, "next", Some(("lane", 2)), Some(coach.id())).await;
        worker.drain().await.unwrap();
        assert_eq!(script.seen(), ["hopeless", "next"]);
        let jobs = Jobs::new(db.deps());
        let list = jobs.outstanding(coach).await.unwrap();
        assert_eq!((list.len(), list[0].problem.as_deref(), list[0].given_up_at), (1, Some("They said no."), Some(db.now())));
        assert!(jobs.outstanding(other).await.unwrap().is_empty());
        assert_eq!(jobs.try_again(other, list[0].id).await.unwrap(), GivenUp::NotFound);
        assert_eq!(jobs.try_again(coach, list[0].id).await.unwrap(), GivenUp::TriedAgain);
        assert_eq!(jobs.try_again(coach, list[0].id).await.unwrap(), GivenUp::Not);
        worker.drain().await.unwrap();
        assert_eq!(script.seen(), ["hopeless"]);
        assert!(jobs.outstanding(coach).await.unwrap().is_empty());
    }

    async fn what_waits_after_a_failure_may_be_tried_now(db: TestDb) {
        let script = Arc::new(Script::default());
        let worker = worker(&db, &script, WorkerSettings::default());
        let (jobs, coach) = (Jobs::new(db.deps()), db.coach("cora").await);
        let hour = Verdict::Failed { why: "Not now.".into(), after: Some(Duration::from_hours(1)) };
        script.say("slow", &[hour.clone(), hour]);
        write(&db, "slow", None, Some(coach.id())).await;
        worker.drain().await.unwrap();
        let id = jobs.outstanding(coach).await.unwrap()[0].id;
        assert_eq!(jobs.try_again(coach, id).await.unwrap(), GivenUp::TriedAgain);
        assert_eq!(jobs.try_again(coach, id).await.unwrap(), GivenUp::Not, "it is under way");
        assert_eq!(worker.drain().await.unwrap(), 1);
        assert_eq!(jobs.outstanding(coach).await.unwrap()[0].attempts, 2, "the tries before count");
        db.clock().advance(Duration::from_hours(2));
        assert_eq!(jobs.try_again(coach, id).await.unwrap(), GivenUp::Not, "it is due anyway");
        worker.drain().await.unwrap();
        assert!(jobs.outstanding(coach).await.unwrap().is_empty());
    }

    async fn the_backlog_is_what_nobody_works_on_and_what_is_given_up(db: TestDb) {
        let script = Arc::new(Script::default());
        let worker = worker(&db, &script, WorkerSettings::default());
        let jobs = Jobs::new(db.deps());
        let backlog = async || { let seen = jobs.backlog().await.unwrap(); (seen.given_up, seen.overdue) };
        script.say("hopeless", &[Verdict::Hopeless("No.".into())]);
        write(&db, "hopeless", None, None).await;
        worker.drain().await.unwrap();
        write(&db, "first", Some(("lane", 1)), None).await;
        write(&db, "second", Some(("lane", 2)), None).await;
        write(&db, "alone", None, None).await;
        db.clock().advance(Duration::from_mins(9));
        assert_eq!(backlog().await, (1, 0));
        db.clock().advance(Duration::from_mins(2));
        assert_eq!(backlog().await, (1, 2), "the second waits for the first");
        worker.drain().await.unwrap();
        assert_eq!(backlog().await, (1, 0));
    }

    async fn three_days_of_failures_are_the_end(db: TestDb) {
        let script = Arc::new(Script::default());
        let worker = worker(&db, &script, WorkerSettings::default());
        script.say("down", &vec![Verdict::failed("It is down."); 200]);
        write(&db, "down", None, None).await;
        let begun = db.now();
        while db.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'waiting' AND key = 'down'").await == 1 {
            worker.drain().await.unwrap();
            db.clock().advance(Duration::from_mins(1));
        }
        let hours = (db.now().millis() - begun.millis()) / 3_600_000;
        assert!((70..92).contains(&hours), "{hours} hours");
        assert_eq!(script.seen().len(), 81);
    }

    async fn a_second_coach_does_not_wait_for_the_first_ones_hundreds(db: TestDb) {
        let script = Arc::new(Script::default());
        let worker = worker(&db, &script, WorkerSettings { places: 4, each: 3, ..WorkerSettings::default() });
        let (many, few) = (db.coach("many").await, db.coach("few").await);
        for number in 0..60 {
            write(&db, &format!("many {number}"), None, Some(many.id())).await;
        }
        write(&db, "few", None, Some(few.id())).await;
        assert_eq!(worker.drain().await.unwrap(), 61);
        let place = script.seen().iter().position(|key| key == "few").unwrap();
        assert!(place < 4, "number {place}");
    }

    async fn two_servers_do_each_job_once_and_a_dead_ones_lease_ends(db: TestDb) {
        let (one, two) = (Arc::new(Script::default()), Arc::new(Script::default()));
        let (first, second) = (worker(&db, &one, WorkerSettings::default()), worker(&db, &two, WorkerSettings::default()));
        for number in 0..40 {
            write(&db, &format!("job {number:02}"), None, None).await;
        }
        let (a, b) = tokio::join!(first.drain(), second.drain());
        assert_eq!(a.unwrap() + b.unwrap(), 40);
        let mut seen = [one.seen(), two.seen()].concat();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 40);
        // A server that took a job and died.
        write(&db, "taken", None, None).await;
        let mut tx = db.store().begin().await.unwrap();
        let until = db.now() + Duration::from_mins(2);
        sql("UPDATE jobs SET lease_owner = 'dead', lease_until = $1 WHERE key = 'taken'").bind(until).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(first.drain().await.unwrap(), 0);
        db.clock().advance(Duration::from_mins(3));
        assert_eq!(first.drain().await.unwrap(), 1);
    }

    async fn who_finishes_after_the_lease_changes_nothing(db: TestDb) {
        /// Takes so long that the lease is over, and someone else's, when it is done.
        struct Slow(TestDbHandle);
        type TestDbHandle = wellmet::Deps;
        #[async_trait]
        impl Handler for Slow {
            async fn run(&self, _: &Job) -> Result<Verdict, Internal> {
                let mut tx = self.0.store.begin().await?;
                sql("UPDATE jobs SET lease_owner = 'another'").run(&mut tx).await?;
                tx.commit().await?;
                Ok(Verdict::Hopeless("Too late to say so.".into()))
            }
        }
        write(&db, "slow", None, None).await;
        let slow: Arc<dyn Handler> = Arc::new(Slow(db.deps()));
        let worker = Worker::new(db.deps(), WorkerSettings::default(), JobKind::ALL.map(|kind| (kind, slow.clone())), Vec::new());
        assert_eq!(worker.drain().await.unwrap(), 1);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'waiting' AND lease_owner = 'another'").await, 1);
    }
}
