//! The axis: from times to positions, which gaps are folded, and where times are written.

use jiff::{SignedDuration, Timestamp};

/// A gap of up to this many seconds is never folded, and one that is folded keeps at least the room of as many.
const LEAST: f64 = 30.0;
/// Folding is worth it where a gap becomes so many times shorter.
const WORTH: f64 = 3.0;
/// With more breaks than these an axis tells nothing.
const MOST: usize = 8;
/// Into about so many parts an axis is divided.
const PARTS: f64 = 6.0;
/// How near two ticks may stand.
const APART: f64 = 0.12;
/// The distances of ticks that people count in: seconds, minutes, hours, days.
const STEPS: [f64; 28] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0,
    900.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0, 21_600.0, 43_200.0, 86_400.0, 604_800.0,
];

/// A time that is written at the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick {
    /// Where.
    pub at: f64,
    /// The seconds since the first time of all.
    pub seconds: f64,
}

/// So many seconds as people read them beside an axis: `4.2 s`, `1:05`, `1:02:10`, `2 d 03:04:05`.
#[must_use]
pub fn lapse(seconds: f64) -> String {
    let tenths = (seconds * 10.0).round() / 10.0;
    if seconds < 1.0 {
        return format!("{} s", (seconds * 1000.0).round() / 1000.0);
    }
    if tenths < 60.0 {
        return format!("{tenths} s");
    }
    let whole = SignedDuration::from_secs_f64(seconds.round()).as_secs();
    let (minutes, seconds) = (whole / 60 % 60, whole % 60);
    match (whole / 86_400, whole / 3_600 % 24) {
        (0, 0) => format!("{minutes}:{seconds:02}"),
        (0, hours) => format!("{hours}:{minutes:02}:{seconds:02}"),
        (days, hours) => format!("{days} d {hours:02}:{minutes:02}:{seconds:02}"),
    }
}

/// A break of the axis: a time in which nothing changes, drawn shorter than it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fold {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// How many seconds lie between.
    pub seconds: f64,
}

/// From one time at which something changes to the next, in seconds since the first of all.
#[derive(Debug, Clone, Copy)]
struct Gap {
    from: f64,
    to: f64,
    /// How many seconds wide it is drawn.
    drawn: f64,
    /// Where it is drawn.
    at: [f64; 2],
}

/// The axis of a call.
#[derive(Debug)]
pub(super) struct Axis {
    origin: Option<Timestamp>,
    gaps: Vec<Gap>,
}

impl Axis {
    /// That of the times, in whatever order.
    pub(super) fn of(mut times: Vec<Timestamp>) -> Self {
        times.sort();
        // Nothing tells of less than a microsecond, and a gap of none would have no inside.
        times.dedup_by_key(|at| at.as_microsecond());
        let Some(origin) = times.first().copied() else { return Self { origin: None, gaps: Vec::new() } };
        let seconds: Vec<f64> = times.iter().map(|at| at.duration_since(origin).as_secs_f64()).collect();
        let gaps = seconds.iter().zip(seconds.iter().skip(1));
        let gaps = gaps.map(|(from, to)| Gap { from: *from, to: *to, drawn: to - from, at: [0.0; 2] }).collect();
        let mut axis = Self { origin: Some(origin), gaps };
        axis.fold();
        axis.place();
        axis
    }

    pub(super) fn origin(&self) -> Option<Timestamp> {
        self.origin
    }

    /// Where a time is.
    pub(super) fn position(&self, at: Timestamp) -> f64 {
        self.origin.map_or(0.0, |origin| self.position_of(at.duration_since(origin).as_secs_f64()))
    }

    fn position_of(&self, seconds: f64) -> f64 {
        let behind = self.gaps.partition_point(|gap| gap.to < seconds);
        let Some(gap) = self.gaps.get(behind).or(self.gaps.last()) else { return 0.0 };
        let [from, to] = gap.at;
        (from + (to - from) * (seconds - gap.from) / gap.seconds()).clamp(from, to)
    }

    /// Draws the longest gaps shorter where they would hide all the others: alike ones together, each as wide as what is not
    /// folded, or as [`LEAST`].
    fn fold(&mut self) {
        let mut lengths: Vec<f64> = self.gaps.iter().map(Gap::seconds).collect();
        lengths.sort_by(|a, b| b.total_cmp(a));
        let mut rest: f64 = lengths.iter().sum();
        let (mut longest, mut folds) = (lengths.iter().zip(lengths.iter().skip(1)), None);
        for number in (1..=MOST).map(|number| number as f64) {
            let Some((shortest, next)) = longest.next() else { break };
            rest -= shortest;
            let drawn = LEAST.max(rest / number);
            if next < shortest && *shortest > WORTH * drawn {
                folds = Some((*shortest, drawn));
            }
        }
        let Some((shortest, drawn)) = folds else { return };
        for gap in self.gaps.iter_mut().filter(|gap| gap.seconds() >= shortest) {
            gap.drawn = drawn;
        }
    }

    /// Says where each gap is drawn.
    fn place(&mut self) {
        let whole: f64 = self.gaps.iter().map(|gap| gap.drawn).sum();
        let mut before = 0.0;
        for gap in &mut self.gaps {
            let behind = before + gap.drawn;
            gap.at = [before / whole, behind / whole].map(|at| at.clamp(0.0, 1.0));
            before = behind;
        }
    }

    pub(super) fn folds(&self) -> Vec<Fold> {
        let folded = self.gaps.iter().filter(|gap| gap.is_folded());
        folded.map(|gap| Fold { from: gap.at[0], to: gap.at[1], seconds: gap.seconds() }).collect()
    }

    /// The beginning, the end, where a fold ends, and round times between them, as far as there is room.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let ends = self.gaps.iter().filter(|gap| gap.is_folded()).map(|gap| gap.to);
        let firm = self.origin.map(|_| 0.0).into_iter().chain(self.gaps.last().map(|gap| gap.to)).chain(ends);
        let mut ticks: Vec<Tick> = Vec::new();
        for seconds in firm.chain(self.round()) {
            let at = self.position_of(seconds);
            if ticks.iter().all(|tick| (tick.at - at).abs() >= APART) {
                ticks.push(Tick { at, seconds });
            }
        }
        ticks.sort_by(|a, b| a.at.total_cmp(&b.at));
        ticks
    }

    /// The round times outside of folds.
    fn round(&self) -> Vec<f64> {
        let drawn: f64 = self.gaps.iter().map(|gap| gap.drawn).sum();
        let least = drawn / PARTS;
        let step = STEPS.iter().find(|step| **step >= least).copied().unwrap_or(least.ceil().max(1.0));
        let mut times = Vec::new();
        for gap in self.gaps.iter().filter(|gap| !gap.is_folded()) {
            let mut time = (gap.from / step).ceil() * step;
            while time < gap.to {
                times.push(time);
                time += step;
            }
        }
        times
    }
}

impl Gap {
    fn seconds(&self) -> f64 {
        self.to - self.from
    }

    fn is_folded(&self) -> bool {
        self.drawn < self.seconds()
    }
}
