//! Stretches of time, from the start of the stand-in, and how many of them run at once.

use std::time::Duration;

use serde::Serialize;

/// From a time up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Its first moment.
    pub from: Duration,
    /// The first moment after it.
    pub until: Duration,
}

impl Span {
    /// Whether the time lies in it.
    #[must_use]
    pub fn holds(&self, time: Duration) -> bool {
        (self.from..self.until).contains(&time)
    }

    /// How long it is.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.until.saturating_sub(self.from)
    }
}

/// When the number of the spans that ran at once was wanted, from the first span's begin up to an end.
pub(crate) fn when(spans: &[Span], end: Duration, wanted: impl Fn(usize) -> bool) -> Vec<Span> {
    let mut times: Vec<_> = spans.iter().flat_map(|span| [span.from, span.until]).filter(|time| *time < end).collect();
    times.push(end);
    times.sort_unstable();
    let mut found: Vec<Span> = Vec::new();
    for (from, until) in times.iter().copied().zip(times.iter().copied().skip(1)) {
        if from == until || !wanted(spans.iter().filter(|span| span.holds(from)).count()) {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.until == from => last.until = until,
            _ => found.push(Span { from, until }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: u64, until: u64) -> Span {
        Span { from: Duration::from_secs(from), until: Duration::from_secs(until) }
    }

    #[test]
    fn what_touches_is_one_stretch_and_what_lies_behind_the_end_is_none() {
        let spans = [span(1, 4), span(3, 5), span(5, 7), span(9, 20)];
        let end = Duration::from_secs(12);
        assert_eq!(when(&spans, end, |count| count > 0), [span(1, 7), span(9, 12)]);
        assert_eq!(when(&spans, end, |count| count == 0), [span(7, 9)]);
        assert_eq!(when(&spans, end, |count| count > 1), [span(3, 4)]);
    }
}
