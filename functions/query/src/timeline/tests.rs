use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;

/// A time so many seconds after the first.
fn at(seconds: f64) -> Timestamp {
    "2026-11-02T16:30:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs_f64(seconds)
}

fn leg(times: [Option<f64>; 4]) -> LegTimes {
    let [started_at, rang_at, answered_at, ended_at] = times.map(|seconds| seconds.map(at));
    LegTimes { started_at, rang_at, answered_at, ended_at }
}

fn ended(seconds: f64) -> Until {
    Until::Ended(Some(at(seconds)))
}

/// The segments of a leg, in hundredths of the axis.
fn hundredths(lane: &Lane) -> Vec<(Phase, i64, i64)> {
    let hundredth = |at: f64| (at * 100.0).round() as i64;
    lane.segments.iter().map(|one| (one.phase, hundredth(one.from), hundredth(one.to))).collect()
}

#[test]
fn a_leg_is_set_up_rings_and_is_talked_on_until_its_end() {
    let legs = [leg([Some(0.0), None, None, Some(10.0)]), leg([Some(10.0), Some(15.0), Some(20.0), Some(40.0)])];
    let line = Timeline::of(&legs, &[Some(at(30.0)), None], ended(40.0));
    assert_eq!(hundredths(&line.lanes[0]), [(Phase::Setup, 0, 25)]);
    let second = [(Phase::Setup, 25, 38), (Phase::Ringing, 38, 50), (Phase::Talking, 50, 100)];
    assert_eq!(hundredths(&line.lanes[1]), second);
    assert_eq!([line.lanes[0].end, line.lanes[1].end], [Some((End::Told, 0.25)), Some((End::Told, 1.0))]);
    assert_eq!(line.marks, [Some(0.75), None]);
    assert_eq!((line.origin, line.folds.len()), (Some(at(0.0)), 0));
    let ticks: Vec<_> = line.ticks.iter().map(|tick| (tick.at, tick.seconds)).collect();
    assert_eq!(ticks, [(0.0, 0.0), (0.25, 10.0), (0.5, 20.0), (0.75, 30.0), (1.0, 40.0)]);
}

#[test]
fn an_hour_of_talk_is_folded_beside_seconds_of_ringing() {
    let line = Timeline::of(&[leg([Some(0.0), Some(2.0), Some(10.0), Some(3610.0)])], &[], ended(3610.0));
    assert_eq!(line.folds, [Fold { from: 0.25, to: 1.0, seconds: 3600.0 }]);
    assert_eq!(hundredths(&line.lanes[0])[1], (Phase::Ringing, 5, 25));
    assert_eq!(line.ticks.last().unwrap(), &Tick { at: 1.0, seconds: 3610.0 });
    assert!(line.ticks.iter().all(|tick| tick.at <= 0.25 || tick.at >= 1.0), "{:?}", line.ticks);
}

#[test]
fn gaps_that_are_alike_are_folded_together_or_not_at_all() {
    let marks = |seconds: &[f64]| seconds.iter().map(|seconds| Some(at(*seconds))).collect::<Vec<_>>();
    let folded = |seconds: &[f64]| Timeline::of(&[], &marks(seconds), Until::Ended(None)).folds.len();
    assert_eq!(folded(&[0.0, 5.0, 3605.0, 3610.0, 7210.0]), 2);
    let many: Vec<f64> = (0..20).flat_map(|hour| [f64::from(hour) * 3600.0, f64::from(hour) * 3600.0 + 5.0]).collect();
    assert_eq!(folded(&many), 0);
    // Short enough, and nothing beside it.
    assert_eq!((folded(&[0.0, 5.0, 65.0]), folded(&[0.0, 86_400.0])), (0, 0));
}

#[test]
fn what_has_no_end_goes_on_to_now_or_to_the_end_of_its_call() {
    let legs = [leg([Some(0.0), None, Some(10.0), None]), leg([Some(5.0), None, None, Some(8.0)]), leg([None; 4])];
    let ends = |until| Timeline::of(&legs, &[], until).lanes.iter().map(|lane| lane.end).collect::<Vec<_>>();
    assert_eq!(ends(Until::Now(at(20.0))), [Some((End::GoesOn, 1.0)), Some((End::Told, 0.4)), None]);
    assert_eq!(ends(ended(20.0)), [Some((End::Untold, 1.0)), Some((End::Told, 0.4)), None]);
    assert_eq!(ends(Until::Ended(None)), [Some((End::Untold, 1.0)), Some((End::Told, 0.8)), None]);
}

#[test]
fn clocks_that_differ_are_told_and_put_no_phase_before_the_one_ahead_of_it() {
    let line = Timeline::of(&[leg([Some(10.0), None, Some(6.0), Some(20.0)])], &[], ended(20.0));
    assert_eq!(hundredths(&line.lanes[0]), [(Phase::Setup, 29, 29), (Phase::Talking, 29, 100)]);
    assert!(line.lanes[0].is_disordered);
    let line = Timeline::of(&[leg([Some(0.0), None, Some(10.0), Some(5.0)])], &[], ended(5.0));
    assert_eq!((line.lanes[0].end, line.lanes[0].is_disordered), (Some((End::Told, 1.0)), true));
}

#[test]
fn a_call_without_time_or_length_is_laid_out_all_the_same() {
    let line = Timeline::of(&[leg([Some(0.0), None, None, Some(0.0)])], &[Some(at(0.0))], ended(0.0));
    assert_eq!((line.lanes[0].end, line.marks), (Some((End::Told, 0.0)), vec![Some(0.0)]));
    assert_eq!(line.ticks, [Tick { at: 0.0, seconds: 0.0 }]);
    let line = Timeline::of(&[leg([None; 4])], &[], Until::Now(at(0.0)));
    assert_eq!((line.origin, line.lanes.len(), line.ticks.len()), (None, 1, 0));
}

#[test]
fn a_lapse_of_time_is_written_as_exactly_as_it_is_long() {
    let written = [0.0, 0.0421, 1.04, 59.94, 59.97, 65.4, 3_730.0, 183_845.0].map(lapse);
    assert_eq!(written, ["0 s", "0.042 s", "1 s", "59.9 s", "1:00", "1:05", "1:02:10", "2 d 03:04:05"]);
}

/// Seconds as calls have them: of one moment, of minutes, of days.
fn seconds() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..1.0, 0.0..300.0, 0.0..300_000.0, Just(0.0), (0u32..300).prop_map(f64::from)]
}

fn times() -> impl Strategy<Value = [Option<f64>; 4]> {
    let time = || prop::option::weighted(0.8, seconds());
    [time(), time(), time(), time()]
}

proptest! {
    #[test]
    fn order_is_kept_nothing_is_lost_and_all_is_within_the_axis(
        legs in prop::collection::vec(times(), 0..200),
        marks in prop::collection::vec(prop::option::of(seconds()), 0..200),
        until in prop_oneof![seconds().prop_map(|s| Until::Now(at(s))), Just(Until::Ended(None)), seconds().prop_map(ended)],
    ) {
        let given: Vec<_> = legs.iter().map(|times| leg(*times)).collect();
        let marked: Vec<_> = marks.iter().map(|mark| mark.map(at)).collect();
        let line = Timeline::of(&given, &marked, until);
        prop_assert_eq!((line.lanes.len(), line.marks.len()), (legs.len(), marks.len()));
        let mut placed: Vec<_> = marks.iter().zip(&line.marks).filter_map(|(mark, at)| Some(((*mark)?, (*at)?))).collect();
        prop_assert_eq!(placed.len(), marks.iter().flatten().count());
        for (times, lane) in legs.iter().zip(&line.lanes) {
            prop_assert_eq!(lane.segments.len(), times.iter().take(3).flatten().count());
            prop_assert_eq!(lane.end.is_some(), times.iter().flatten().count() > 0);
            let edges = lane.segments.iter().flat_map(|one| [one.from, one.to]).chain(lane.end.map(|(_, at)| at));
            let edges: Vec<f64> = edges.collect();
            prop_assert!(edges.is_sorted() && edges.iter().all(|at| (0.0..=1.0).contains(at)), "{edges:?}");
            let first = times.iter().take(3).flatten().next().zip(edges.first());
            placed.extend(first.map(|(seconds, at)| (*seconds, *at)));
        }
        placed.sort_by(|a, b| a.0.total_cmp(&b.0));
        prop_assert!(placed.iter().map(|(_, at)| *at).is_sorted(), "{placed:?}");
        prop_assert!(line.ticks.len() <= 9 && line.ticks.is_sorted_by(|a, b| a.at < b.at && a.seconds < b.seconds));
        prop_assert!(line.folds.len() <= 8 && line.folds.is_sorted_by(|a, b| a.from < a.to && a.to <= b.from));
    }
}
