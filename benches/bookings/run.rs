//! So many clients, each asking again as soon as it is answered.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::Instant};

/// How long operations took.
pub(crate) struct Timing {
    /// All of them together.
    pub(crate) took: Duration,
    /// Each alone.
    pub(crate) each: Vec<Duration>,
}

impl Timing {
    /// Operations per second.
    pub(crate) fn rate(&self) -> f64 {
        rate(self.each.len(), self.took)
    }
}

/// `count` in `took`, per second.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
pub(crate) fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// The timing and the answers, in the order of their numbers.
pub(crate) struct Run<T>(pub(crate) Timing, Vec<T>);

impl<T> Run<T> {
    /// The parts.
    pub(crate) fn split(self) -> (Timing, Arc<Vec<T>>) {
        (self.0, Arc::new(self.1))
    }

    /// How many operations of this speed fill `round`.
    pub(crate) fn fitting(&self, round: Duration) -> usize {
        let one = self.0.took / u32::try_from(self.1.len()).expect("few");
        usize::try_from(round.as_nanos() / one.as_nanos().max(1)).expect("few").clamp(40, 4000)
    }
}

/// Runs `operation` for each of `0..total`: each client takes its share, one after the other.
pub(crate) async fn run<T: Send + 'static, F: Future<Output = T> + Send>(
    clients: usize,
    total: usize,
    operation: impl Fn(usize) -> F + Clone + Send + Sync + 'static,
) -> Run<T> {
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for first in 0..clients {
        let operation = operation.clone();
        tasks.spawn(async move {
            let mut done = Vec::with_capacity(total / clients + 1);
            for n in (first..total).step_by(clients) {
                let asked = Instant::now();
                let answer = operation(n).await;
                done.push((n, asked.elapsed(), answer));
            }
            done
        });
    }
    let mut done: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    let took = started.elapsed();
    done.sort_unstable_by_key(|(n, ..)| *n);
    let (each, answers) = done.into_iter().map(|(_, each, answer)| (each, answer)).unzip();
    Run(Timing { took, each }, answers)
}
