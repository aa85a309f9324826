//! Which memory size is the cheapest per event. A function's share of a processor grows with its memory, so more memory makes
//! its own work shorter and leaves its waiting as it is; what is billed is memory multiplied by both.

use serde::Serialize;

use crate::delivery::ONSIP;
use crate::table::Row;

/// The sizes that are compared, in MB.
const SIZES: [u32; 4] = [128, 256, 512, 1024];
/// The size, in MB, at which a function has one processor:
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>.
const PROCESSOR_MB: f64 = 1769.0;
/// How long a request waits for DynamoDB, in milliseconds, whatever the memory size. Assumed: the loopback has no such wait.
const WAIT_MS: f64 = 5.0;
/// US dollars a GB-second, x86, and a million requests; a millisecond that has begun is billed whole:
/// <https://aws.amazon.com/lambda/pricing/>.
const GB_SECOND: f64 = 0.000_016_666_7;
const MILLION_REQUESTS: f64 = 0.20;

/// What a request costs with that memory.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Size {
    mb: u32,
    own_ms: f64,
    billed_ms: f64,
    million_usd: f64,
    cold_ms: f64,
}

impl Size {
    /// With `cpu_ms` of a whole processor for a request, and `cold_ms` to a first answer.
    fn of(mb: u32, cpu_ms: f64, cold_ms: f64) -> Self {
        let slower = PROCESSOR_MB / f64::from(mb);
        let own_ms = cpu_ms * slower;
        let billed_ms = (WAIT_MS + own_ms).ceil();
        // Thousandths of a second of a million requests: thousands of seconds.
        let million_usd = MILLION_REQUESTS + billed_ms * 1000.0 * f64::from(mb) / 1024.0 * GB_SECOND;
        Self { mb, own_ms, billed_ms, million_usd, cold_ms: cold_ms * slower }
    }
}

/// The sizes with what was measured of `call`.
pub(crate) fn sizes(rows: &[Row]) -> Vec<Size> {
    let call = rows.iter().find(|row| row.name == "call" && row.input == ONSIP.0);
    call.map(|row| SIZES.map(|mb| Size::of(mb, row.cpu_request_us / 1e3, row.cpu_first_ms)).into()).unwrap_or_default()
}

/// The sizes in Markdown.
pub(crate) fn markdown(sizes: &[Size]) -> String {
    let cheapest = sizes.iter().min_by(|a, b| a.million_usd.total_cmp(&b.million_usd)).map(|size| size.mb);
    let mut lines = vec![
        format!(
            "A function of M MB has M / {PROCESSOR_MB} of a processor. A warm `call` takes its processor time divided by that, and waits\n\
             {WAIT_MS} ms for DynamoDB (assumed); whole milliseconds are billed, M / 1024 GB at {GB_SECOND} USD a GB-second, and\n\
             {MILLION_REQUESTS:.2} USD a million requests.\n"
        ),
        "| MB | own ms | billed ms | USD a million | CPU to first answer, ms | |".to_owned(),
        "|---:|---:|---:|---:|---:|---|".to_owned(),
    ];
    lines.extend(sizes.iter().map(|size| {
        let Size { mb, own_ms, billed_ms, million_usd, cold_ms } = size;
        let word = if cheapest == Some(*mb) { "cheapest" } else { "" };
        format!("| {mb} | {own_ms:.1} | {billed_ms} | {million_usd:.3} | {cold_ms:.0} | {word} |")
    }));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::template;

    #[test]
    fn a_request_is_billed_by_the_begun_millisecond_and_by_memory() {
        let size = Size::of(128, 0.331, 4.9);
        assert!((size.billed_ms - 10.0).abs() < f64::EPSILON, "{size:?}");
        assert!((size.million_usd - 0.220_833).abs() < 1e-5, "{size:?}");
    }

    #[test]
    fn the_template_gives_a_receiver_the_cheapest_size() {
        let sizes = SIZES.map(|mb| Size::of(mb, 0.331, 4.9));
        assert!(sizes.iter().is_sorted_by(|a, b| a.million_usd < b.million_usd), "{sizes:?}");
        assert!(template().is_ok_and(|template| template.contains("    MemorySize: 128\n")));
    }
}
