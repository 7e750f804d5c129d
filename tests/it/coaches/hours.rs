use chrono::{Days, NaiveDate};
use wellmet::{
    coaches::{HoursDraft, OverrideDraft, SetHoursError, WeeklyHoursDraft},
    model::{FieldErrors, Hours, Instant, MAX_OVERRIDES, Weekday, Window},
};

use super::{coaches, row, server};
use crate::support::{TestDb, both_engines};

fn on(date: &str, rows: &[(&str, &str)]) -> OverrideDraft {
    OverrideDraft { date: date.to_owned(), windows: rows.iter().map(|(from, until)| row(from, until)).collect() }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn invalid(answer: Result<Hours, SetHoursError>) -> FieldErrors {
    match answer {
        Err(SetHoursError::Invalid(errors)) => errors,
        other => panic!("{other:?}"),
    }
}

fn fields(errors: &FieldErrors) -> Vec<&str> {
    errors.0.iter().map(|error| error.field.as_str()).collect()
}

both_engines! {
    async fn the_week_and_the_dates_are_apart(db: TestDb) {
        let coach = db.coach("maya").await;
        let service = coaches(&db);
        let closed = service.set_override(&coach, on("2026-12-24", &[("", "")])).await.expect("hours");
        assert_eq!(closed.on(day("2026-12-24")), (&[][..], true));
        let mut week = WeeklyHoursDraft::default();
        week.0[0] = vec![row("13:00", "24:00"), row("", ""), row("09:00", "12:00")];
        let hours = service.set_weekly(&coach, week).await.expect("hours");
        let monday = [Window::hours(9, 12).expect("a window"), Window::hours(13, 24).expect("a window")];
        assert_eq!((hours.weekly.on(Weekday::Monday), hours.weekly.on(Weekday::Tuesday).len()), (&monday[..], 0));
        assert_eq!(hours.on(day("2026-12-24")), (&[][..], true));
        let (stored, zone) = service.hours(&coach).await.expect("hours");
        assert_eq!((&stored, zone.name()), (&hours, "Europe/Berlin"));
        for _ in 0..2 {
            let open = service.remove_override(&coach, "2026-12-24").await.expect("hours");
            assert!(open.overrides.is_empty());
        }
        assert_eq!(service.hours(&coach).await.expect("hours").0.weekly.on(Weekday::Monday), monday);
    }

    async fn what_is_wrong_is_named_and_nothing_is_written(db: TestDb) {
        let coach = db.coach("maya").await;
        let service = coaches(&db);
        let before = service.hours(&coach).await.expect("hours");
        let mut week = WeeklyHoursDraft::default();
        week.0[0] = vec![row("", ""), row("9am", "12:00"), row("10:00", "11:00"), row("10:30", "12:00")];
        week.0[1] = (0..13).map(|hour| row(&format!("{hour:02}:00"), &format!("{hour:02}:30"))).collect();
        let errors = invalid(service.set_weekly(&coach, week.clone()).await);
        assert_eq!(fields(&errors), ["monday.1.from", "monday.3", "tuesday.12"]);
        assert_eq!(errors.about("monday.1.from"), Some("This is not a time. Use HH:MM, for example 09:30."));

        // The clock stands at 2 November 2026, 09:00 in Berlin.
        for date in ["", "tomorrow", "2026-11-31", "2026-11-01", "2028-11-03", "2026-11-02'; DROP TABLE coaches"] {
            assert_eq!(fields(&invalid(service.set_override(&coach, on(date, &[])).await)), ["date"], "{date}");
        }
        let errors = invalid(service.set_override(&coach, on("2020-01-01", &[("10:00", "09:00"), ("", "x")])).await);
        assert_eq!(fields(&errors), ["date", "windows.1.from", "windows.1.until", "windows.0"]);
        assert_eq!(fields(&invalid(service.remove_override(&coach, "never").await)), ["date"]);

        let overrides = vec![on("2026-12-24", &[]), on("2026-12-24", &[("11:00", "10:00")])];
        let draft = HoursDraft { time_zone: "Mars/Olympus".to_owned(), weekly: week, overrides };
        let errors = invalid(service.set_hours(&coach, draft).await);
        let wanted = ["time_zone", "monday.1.from", "monday.3", "tuesday.12", "overrides.1.windows.0", "overrides.1.date"];
        assert_eq!(fields(&errors), wanted);
        assert_eq!(service.hours(&coach).await.expect("hours"), before);
    }

    /// Kiritimati is a day ahead of Pago Pago: whose today it is decides what is past.
    async fn today_is_the_coachs(db: TestDb) {
        let coach = db.coach("maya").await;
        let service = coaches(&db);
        db.clock().set(Instant::parse_rfc3339("2026-11-02T10:30:00Z").expect("an instant"));
        let draft = |zone: &str| HoursDraft { time_zone: zone.to_owned(), ..HoursDraft::default() };
        service.set_hours(&coach, draft("Pacific/Kiritimati")).await.expect("hours");
        assert_eq!(fields(&invalid(service.set_override(&coach, on("2026-11-02", &[])).await)), ["date"]);
        service.set_hours(&coach, draft("Pacific/Pago_Pago")).await.expect("hours");
        service.set_override(&coach, on("2026-11-01", &[])).await.expect("still today there");
        assert_eq!(service.hours(&coach).await.expect("hours").1.name(), "Pacific/Pago_Pago");
        assert_eq!(service.profile("maya").await.expect("an answer").expect("a coach").zone.name(), "Pacific/Pago_Pago");
    }

    async fn past_dates_go_with_the_next_change(db: TestDb) {
        let coach = db.coach("maya").await;
        let service = coaches(&db);
        service.set_override(&coach, on("2026-11-02", &[])).await.expect("hours");
        service.set_override(&coach, on("2026-11-09", &[])).await.expect("hours");
        let read = service.hours(&coach).await.expect("hours").0;
        assert_eq!(read.overrides.len(), 2);
        db.clock().set(Instant::parse_rfc3339("2026-11-03T08:00:00Z").expect("an instant"));
        assert_eq!(service.hours(&coach).await.expect("hours").0.overrides.into_keys().collect::<Vec<_>>(), [day("2026-11-09")]);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM coaches WHERE hours LIKE '%2026-11-02%'").await, 1);
        // What was read yesterday can be written back today.
        let overrides = read.overrides.keys().map(|date| on(&date.to_string(), &[])).collect();
        let draft = HoursDraft { time_zone: "Europe/Berlin".to_owned(), weekly: WeeklyHoursDraft::default(), overrides };
        let hours = service.set_hours(&coach, draft).await.expect("hours");
        assert_eq!(hours.overrides.into_keys().collect::<Vec<_>>(), [day("2026-11-09")]);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM coaches WHERE hours LIKE '%2026-11-02%'").await, 0);
    }

    async fn so_many_dates_and_no_more(db: TestDb) {
        let coach = db.coach("maya").await;
        let service = coaches(&db);
        let first = day("2026-11-02");
        let dates = |count: usize| -> Vec<OverrideDraft> {
            let date = |number: usize| (first + Days::new(number as u64)).to_string();
            (0..count).map(|number| on(&date(number), &[("09:00", "10:00")])).collect()
        };
        let draft = |count| HoursDraft { time_zone: "Europe/Berlin".to_owned(), overrides: dates(count), ..HoursDraft::default() };
        assert_eq!(fields(&invalid(service.set_hours(&coach, draft(MAX_OVERRIDES + 1)).await)), ["overrides"]);
        service.set_hours(&coach, draft(MAX_OVERRIDES)).await.expect("hours");
        assert_eq!(fields(&invalid(service.set_override(&coach, on("2028-11-02", &[])).await)), ["date"]);
        service.set_override(&coach, on("2026-11-02", &[])).await.expect("a date that is there is changed");
        db.clock().set(Instant::parse_rfc3339("2026-11-03T08:00:00Z").expect("an instant"));
        service.set_override(&coach, on("2028-11-02", &[])).await.expect("a past date makes room");
    }

    /// Two servers, forty dates and a new week at once: all of it is there.
    async fn two_servers_lose_nothing(db: TestDb) {
        let coach = db.coach("maya").await;
        let second = db.second_server().await;
        let (here, there) = (coaches(&db), server(&db, &second).0);
        let first = day("2026-11-10");
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..40_u64 {
            let service = if number % 2 == 0 { here.clone() } else { there.clone() };
            let date = (first + Days::new(number)).to_string();
            tasks.spawn(async move { service.set_override(&coach, on(&date, &[("09:00", "10:00")])).await.map(drop) });
        }
        let service = there.clone();
        tasks.spawn(async move {
            let mut week = WeeklyHoursDraft::default();
            week.0[6] = vec![row("10:00", "11:00")];
            service.set_weekly(&coach, week).await.map(drop)
        });
        for answer in tasks.join_all().await {
            answer.expect("a change");
        }
        for service in [here, there] {
            let (hours, _) = service.hours(&coach).await.expect("hours");
            assert_eq!((hours.overrides.len(), hours.weekly.on(Weekday::Sunday).len(), hours.weekly.on(Weekday::Monday).len()), (40, 1, 0));
        }
        second.close().await;
    }

    /// Account and hours are changed at once on two servers: neither waits for the other for good.
    async fn zone_and_name_change_side_by_side(db: TestDb) {
        let coach = db.coach("maya").await;
        let second = db.second_server().await;
        let there = server(&db, &second).0;
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..20 {
            let (accounts, service) = (db.accounts(), there.clone());
            tasks.spawn(async move {
                accounts.update_profile(coach.into(), &format!("Maya {number}"), "Europe/Berlin").await.map_err(|error| error.to_string())
            });
            let zone = ["Europe/Paris", "Europe/Rome"][number % 2].to_owned();
            tasks.spawn(async move {
                let draft = HoursDraft { time_zone: zone, ..HoursDraft::default() };
                service.set_hours(&coach, draft).await.map(drop).map_err(|error| error.to_string())
            });
        }
        for answer in tasks.join_all().await {
            assert_eq!(answer, Ok(()));
        }
        second.close().await;
    }
}
