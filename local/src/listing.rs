//! Lists of a stack: read page by page, and shown as a table or as lines of JSON.

use std::io::{self, IsTerminal as _, Write as _};

use hyper::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::asking::{AskError, read, read_csv};
use crate::call::Names;
use crate::client::{ApiUrl, StackClient};
use crate::holder::{CheckTokens, TokenHolder};
use crate::table::{Column, Layout};
use crate::terminal::{Terminal, escaped};

/// What every list's `--help` says behind the flags.
pub(crate) const HELP: &str = "\
The token comes from the environment: TRUNKLINE_READ_TOKEN, a reader's. So may the address: TRUNKLINE_URL.

Times are with a zone (2026-01-31T17:00:00Z), or how long ago (2h, 90m, 3d). A table leaves out the columns that the terminal has no
room for, ids first; --json has everything, an element a line; --csv is for spreadsheets.

Exit status: 0 shown, 1 the stack did not show it, 2 wrong usage.";

/// The most elements of a page.
pub(crate) const PAGE: usize = 100;

/// Which stack is asked, and how the answer is shown.
#[derive(Debug, clap::Args)]
pub(crate) struct Asking {
    /// The stack's output ApiUrl
    #[arg(long, env = "TRUNKLINE_URL")]
    pub(crate) url: String,

    /// Print an element a line, as the API gives it
    #[arg(long)]
    pub(crate) json: bool,
}

/// The same of a list, which may also be CSV.
#[derive(Debug, clap::Args)]
pub(crate) struct ListAsking {
    #[command(flatten)]
    pub(crate) asking: Asking,

    /// Print CSV, as the API gives it
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// Parameters of the API, in its words.
pub(crate) type Parameters = Vec<(&'static str, String)>;

/// Those that are given.
pub(crate) fn given<const N: usize>(flags: [(&'static str, &Option<String>); N]) -> Parameters {
    flags.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
}

/// A time as the API takes it, of one that is written so or as how long ago it was.
pub(crate) fn time(text: &str) -> Result<String, String> {
    time_before(text, Timestamp::now())
}

fn time_before(text: &str, now: Timestamp) -> Result<String, String> {
    let wrong = || "not a time with its zone (2026-01-31T17:00:00Z), nor how long ago (2h, 90m, 3d)".to_owned();
    if text.parse::<Timestamp>().is_ok() {
        return Ok(text.to_owned());
    }
    let hours = text.strip_suffix('d').and_then(|days| days.parse::<i64>().ok()?.checked_mul(24));
    let ago = match hours {
        Some(hours) => SignedDuration::try_from_hours(hours).ok_or_else(wrong)?,
        None => text.parse::<SignedDuration>().map_err(|_| wrong())?,
    };
    Ok(now.checked_sub(ago).map_err(|_| wrong())?.to_string())
}

/// A part of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<I = Value> {
    pub(crate) items: Vec<I>,
    pub(crate) next: Option<String>,
    pub(crate) read_to: Option<Timestamp>,
    /// The names of the entities in it.
    #[serde(default)]
    pub(crate) names: Names,
    counted_to: Option<Timestamp>,
    records: Option<LookedAt>,
}

/// The records that were counted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LookedAt {
    number: u64,
    read_to: Option<Timestamp>,
}

impl Page {
    /// How far counts go.
    fn extent(&self) -> Option<String> {
        let records = self.records.as_ref().map(|LookedAt { number, read_to }| {
            let since = read_to.map(|at| format!(" since {at:.0}")).unwrap_or_default();
            format!("{number} records{since}")
        });
        records.or_else(|| Some(format!("counted to {:.0}", self.counted_to?)))
    }
}

/// A stack whose lists are read.
pub(crate) struct Lists {
    client: StackClient,
    tokens: CheckTokens,
}

impl Lists {
    /// Of the stack at that URL, with the token of an environment.
    pub(crate) fn new(url: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, AskError> {
        let url: ApiUrl = url.parse()?;
        Ok(Self { client: StackClient::new(&url)?, tokens: CheckTokens::read(lookup)? })
    }

    /// One page: at most so many elements, behind that cursor. Without a number, what has no pages.
    pub(crate) async fn page<I: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &Parameters,
        part: (Option<usize>, Option<&str>),
    ) -> Result<Page<I>, AskError> {
        let asked = address(path, parameters, part);
        read(&self.client.get(&asked, Some(self.tokens.of(TokenHolder::Reader)?)).await?)
    }

    /// One element, as it is written; None where there is none.
    pub(crate) async fn one(&self, path: &str) -> Result<Option<Box<RawValue>>, AskError> {
        let answer = self.client.get(path, Some(self.tokens.of(TokenHolder::Reader)?)).await?;
        let is_gone = answer.status == StatusCode::NOT_FOUND && answer.is_problem();
        if is_gone { Ok(None) } else { read(&answer).map(Some) }
    }

    /// As many elements as are asked for, and what is to be said below them. Without a limit, what has no pages.
    async fn all(
        &self,
        path: &str,
        parameters: &Parameters,
        limit: Option<usize>,
    ) -> Result<(Page, Option<String>), AskError> {
        let (mut items, mut names) = (Vec::new(), Names::new());
        let (mut cursor, mut progress) = (None, Progress::default());
        loop {
            let left = limit.map(|limit| limit - items.len());
            let mut page = self.page(path, parameters, (left, cursor.as_deref())).await?;
            items.append(&mut page.items);
            names.append(&mut page.names);
            if page.next.is_none() || limit.is_some_and(|limit| items.len() >= limit) {
                let below = page.next.as_ref().map(|_| cut_short(items.len())).or_else(|| page.extent());
                return Ok((Page { items, names, ..page }, below));
            }
            cursor = page.next;
            progress.show(&read_so_far(items.len(), page.read_to));
        }
    }

    /// Prints a list as CSV, its pages under one heading.
    pub(crate) async fn print(
        &self,
        (path, parameters, limit): (&str, &Parameters, Option<usize>),
        terminal: Terminal,
    ) -> Result<(), AskError> {
        let (mut printed, mut cursor, mut progress) = (0, None::<String>, Progress::default());
        loop {
            let asked = address(path, parameters, (limit.map(|limit| limit - printed), cursor.as_deref()));
            let answer = self.client.get_csv(&asked, self.tokens.of(TokenHolder::Reader)?).await?;
            let text = read_csv(&answer)?;
            let rows = text.split_once("\r\n").map_or("", |(_, rows)| rows);
            terminal.rows(if cursor.is_none() { &text } else { rows })?;
            printed += count(rows);
            cursor = answer.next();
            if cursor.is_none() {
                return Ok(());
            }
            if limit.is_some_and(|limit| printed >= limit) {
                drop(progress);
                // Nobody is told what could not be told.
                let _ = writeln!(io::stderr(), "{}", cut_short(printed));
                return Ok(());
            }
            if terminal.width().is_none() {
                progress.show(&read_so_far(printed, None));
            }
        }
    }

    /// Shows a list: each element as a row of the columns, or as it is.
    pub(crate) async fn show<const N: usize>(
        &self,
        (path, parameters, limit): (&str, &Parameters, Option<usize>),
        ListAsking { asking, csv }: &ListAsking,
        kind: &Kind<N>,
        terminal: Terminal,
    ) -> Result<(), AskError> {
        if *csv {
            return self.print((path, parameters, limit), terminal).await;
        }
        let (Page { items, names, .. }, below) = self.all(path, parameters, limit).await?;
        if asking.json {
            return Ok(items.iter().try_for_each(|item| terminal.tell(&escaped(&item.to_string())))?);
        }
        let now = Timestamp::now();
        let rows: Vec<_> = items.iter().filter_map(|item| (kind.row)(item, &names, now)).collect();
        if rows.is_empty() {
            return Ok(terminal.tell(&nothing(kind, below))?);
        }
        terminal.tell(&table(kind, &rows, terminal))?;
        Ok(below.map_or(Ok(()), |below| terminal.tell(&below))?)
    }
}

/// What is asked for: that part of a list.
fn address(path: &str, parameters: &Parameters, (limit, cursor): (Option<usize>, Option<&str>)) -> String {
    let limit = limit.map(|limit| limit.min(PAGE).to_string());
    let own = [("limit", limit.as_deref()), ("cursor", cursor)];
    let own = own.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let asked = parameters.iter().map(|(name, value)| (*name, value.as_str())).chain(own);
    format!("{path}?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish())
}

fn cut_short(shown: usize) -> String {
    format!("the first {shown} of more: --limit shows them")
}

/// How many rows of CSV there are: a line that ends within quotes goes on.
fn count(rows: &str) -> usize {
    let mut quoted = false;
    let ends = |byte: &u8| {
        quoted ^= *byte == b'"';
        *byte == b'\n' && !quoted
    };
    rows.as_bytes().iter().copied().filter(ends).count()
}

/// How elements of a list are shown.
pub(crate) struct Kind<const N: usize> {
    pub(crate) columns: [Column; N],
    /// What an element's cells are; None of one that is not known.
    pub(crate) row: fn(&Value, &Names, Timestamp) -> Option<[String; N]>,
    /// The column that is coloured.
    pub(crate) outcome: usize,
    /// What is said where there is nothing, nor how far that goes.
    pub(crate) unread: &'static str,
}

/// What stands in the place of a table without rows.
fn nothing<const N: usize>(kind: &Kind<N>, extent: Option<String>) -> String {
    extent.map_or_else(|| kind.unread.to_owned(), |extent| format!("nothing found, {extent}"))
}

fn table<const N: usize>(kind: &Kind<N>, rows: &[[String; N]], terminal: Terminal) -> String {
    let layout = Layout::of(&kind.columns, rows, terminal.width());
    let head = layout.line(&kind.columns.map(|column| column.title), |_, title| title.to_owned());
    let paint = |nth: usize, cell: &str| {
        if nth == kind.outcome { terminal.coloured(cell) } else { cell.to_owned() }
    };
    let lines = rows.iter().map(|row| layout.line(row, paint));
    [head].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

/// A time of a table, in UTC, and how long ago that was.
pub(crate) fn times(at: Timestamp, now: Timestamp) -> [String; 2] {
    [at.strftime("%Y-%m-%d %H:%M:%S").to_string(), brief(now.duration_since(at))]
}

/// `40s`, `3m`, `5h`, `12d`
fn brief(since: SignedDuration) -> String {
    match since.as_secs().max(0) {
        seconds @ ..60 => format!("{seconds}s"),
        seconds @ ..3_600 => format!("{}m", seconds / 60),
        seconds @ ..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

fn read_so_far(read: usize, to: Option<Timestamp>) -> String {
    let to = to.map(|to| format!(", to {to:.0}")).unwrap_or_default();
    format!("{read} read{to}")
}

/// What is said on standard error of what takes long, while somebody looks on.
#[derive(Default)]
pub(crate) struct Progress {
    shown: bool,
}

impl Progress {
    pub(crate) fn show(&mut self, so_far: &str) {
        if io::stderr().is_terminal() {
            self.shown = true;
            // Nobody is told what could not be told.
            let _ = write!(io::stderr(), "\r\u{1b}[K{so_far}…");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_exact_or_so_long_ago() {
        assert_eq!(time("2026-01-31T17:00:00+01:00").unwrap(), "2026-01-31T17:00:00+01:00");
        let now = "2026-11-04T17:00:00Z".parse().unwrap();
        for (text, before) in [("2h", "2026-11-04T15"), ("120m", "2026-11-04T15"), ("3d", "2026-11-01T17")] {
            assert_eq!(time_before(text, now).unwrap(), format!("{before}:00:00Z"), "{text}");
        }
        assert!(time("yesterday").is_err() && time("2026-01-31T17:00:00").is_err());
    }

    #[test]
    fn counts_that_hold_nothing_say_until_when_they_are_made() {
        let page = |counted_to: Value| {
            let page = serde_json::json!({"items": [], "next": null, "readTo": null, "countedTo": counted_to});
            Page::deserialize(page).unwrap().extent()
        };
        let kind: Kind<0> = Kind { columns: [], row: |_, _, _| None, outcome: 0, unread: "not yet" };
        assert_eq!(nothing(&kind, page(Value::Null)), "not yet");
        assert_eq!(
            nothing(&kind, page("2026-11-02T16:45:00Z".into())),
            "nothing found, counted to 2026-11-02T16:45:00Z"
        );
    }

    #[test]
    fn rows_are_counted_whatever_lines_their_cells_have() {
        assert_eq!(count(""), 0);
        assert_eq!(count("a,b\r\n\"one\r\ntwo \"\"x\"\"\n\",c\r\n"), 2);
    }

    #[test]
    fn how_long_ago_is_said_in_one_unit() {
        let said = |seconds| brief(SignedDuration::from_secs(seconds));
        assert_eq!(
            [-5, 59, 60, 3_599, 3_600, 172_799, 172_800].map(said),
            ["0s", "59s", "1m", "59m", "1h", "47h", "2d"]
        );
    }
}
