//! What this process has used, where the system tells (`/proc`, proc(5)).

use std::fmt;

/// Processor time and memory so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    at: tokio::time::Instant,
    /// Ticks of a hundredth of a second.
    ticks: Option<u64>,
    resident_kb: Option<u64>,
}

/// Processor time between two looks.
pub(crate) struct Spent {
    seconds: Option<f64>,
    of: f64,
}

impl Usage {
    pub(crate) fn now() -> Self {
        let stat = std::fs::read_to_string("/proc/self/stat").ok();
        // After the name in brackets: user time is the 12th field, system time the 13th.
        let ticks = stat.as_deref().and_then(|stat| stat.rsplit_once(") ")).and_then(|(_, rest)| {
            let mut fields = rest.split(' ').skip(11);
            Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
        });
        let status = std::fs::read_to_string("/proc/self/status").ok();
        let resident_kb = status.as_deref().and_then(|status| {
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse().ok())
        });
        Self { at: tokio::time::Instant::now(), ticks, resident_kb }
    }

    pub(crate) fn since(self, before: Self) -> Spent {
        let ticks = self.ticks.zip(before.ticks).map(|(after, before)| after - before);
        Spent {
            seconds: ticks.and_then(|ticks| u32::try_from(ticks).ok()).map(|ticks| f64::from(ticks) / 100.0),
            of: (self.at - before.at).as_secs_f64(),
        }
    }

    /// How the resident memory has grown.
    pub(crate) fn growth(self, before: Self) -> String {
        match self.resident_kb.zip(before.resident_kb) {
            Some((after, before)) => {
                format!("{} MB resident, {} MB more than at the start", after / 1024, after.saturating_sub(before) / 1024)
            }
            None => "memory unknown here".to_owned(),
        }
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds {
            Some(seconds) => write!(f, "{seconds:.1} s of processor time, {:.0} % of a core", 100.0 * seconds / self.of),
            None => f.write_str("processor time unknown here"),
        }
    }
}
