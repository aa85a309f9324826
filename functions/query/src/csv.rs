//! Lists as CSV (RFC 4180): a heading, then a row for each element. A row has what the element's JSON has, so that no rule is written twice.

use std::fmt::Write as _;

use jiff::Timestamp;
use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use serde_json::Value;
use shared::answer;
use shared::entity::Entity;
use shared::store::names::{Name, Names};

use crate::{Answer, QueryError};

/// A column: its heading, and where in an element's JSON its cell is (RFC 6901; `*` is each of a list). Behind `@` the cell is the name of
/// the entity there.
pub type Column = (&'static str, &'static str);

/// How far a list was read, which no row says: the name of a header, and the time.
pub type Mark = (&'static str, Option<Timestamp>);

/// What is shown as rows, too.
pub trait Rows: Serialize {
    /// What the rows are of.
    type Row: Serialize;
    /// Its columns, always all.
    fn columns(&self) -> &'static [Column];
    /// The rows.
    fn rows(&self) -> &[Self::Row];
    /// How far they go.
    fn marks(&self) -> Vec<Mark>;
    /// The names of the entities in them.
    fn names(&self) -> Option<&Names> {
        None
    }
}

/// What a list may be shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
}

impl Format {
    /// What the request would rather have: CSV only where it is named, and is liked no less than JSON.
    fn of(request: &Request) -> Self {
        let named = request.headers().get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let (mut csv, mut json) = (0.0, None);
        for range in named.flat_map(|value| value.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let quality = quality.map_or(1.0, |text| text.parse::<f64>().unwrap_or(0.0));
            match kind.as_str() {
                "text/csv" => csv = quality,
                // The one that is named whole counts.
                "application/json" => json = Some((quality, 2)),
                "application/*" if json.is_none_or(|(_, exact)| exact < 1) => json = Some((quality, 1)),
                "*/*" if json.is_none() => json = Some((quality, 0)),
                _ => {}
            }
        }
        if csv > 0.0 && csv >= json.map_or(0.0, |(quality, _)| quality) { Self::Csv } else { Self::Json }
    }
}

/// The list, as the request would have it.
pub(crate) fn shown<L: Rows>(request: &Request, list: &L) -> Answer {
    match Format::of(request) {
        Format::Json => Ok(answer::json(StatusCode::OK, list)),
        Format::Csv => answered_in_csv(list),
    }
}

/// The list as CSV; its headers say how far it was read.
///
/// # Errors
/// When a row can't be written.
pub fn answered_in_csv<L: Rows>(list: &L) -> Result<Response<Body>, QueryError> {
    let mut answered = answer::csv(written(list).map_err(QueryError::Row)?);
    for (name, time) in list.marks() {
        let value = time.and_then(|time| HeaderValue::try_from(time.to_string()).ok());
        answered.headers_mut().extend(value.map(|value| (HeaderName::from_static(name), value)));
    }
    Ok(answered)
}

fn written<L: Rows>(list: &L) -> Result<String, serde_json::Error> {
    let columns = list.columns();
    let mut text = String::new();
    line(&mut text, columns.iter().map(|(heading, _)| (*heading).to_owned()));
    for row in list.rows() {
        let row = serde_json::to_value(row)?;
        line(&mut text, columns.iter().map(|(_, place)| cell(&row, place, list.names())));
    }
    Ok(text)
}

fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (nth, cell) in cells.enumerate() {
        let cell = guarded(cell);
        let comma = if nth > 0 { "," } else { "" };
        // Writing to a String cannot fail.
        let _ = match cell.contains(['"', ',', '\r', '\n']) {
            true => write!(text, "{comma}\"{}\"", cell.replace('"', "\"\"")),
            false => write!(text, "{comma}{cell}"),
        };
    }
    text.push_str("\r\n");
}

/// What stands at that place of an element; nothing where it has none.
fn cell(row: &Value, place: &str, names: Option<&Names>) -> String {
    if let Some(place) = place.strip_prefix('@') {
        let entity = scalar(row.pointer(place)).parse::<Entity>().ok();
        return entity.and_then(|entity| names?.get(&entity)).map(Name::to_string).unwrap_or_default();
    }
    let Some((list, within)) = place.split_once("/*") else { return scalar(row.pointer(place)) };
    let all = row.pointer(list).and_then(Value::as_array).into_iter().flatten();
    all.map(|one| scalar(one.pointer(within))).collect::<Vec<_>>().join("; ")
}

fn scalar(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The cell, which a spreadsheet takes for no formula.
fn guarded(cell: String) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(&cell);
    if formula { format!("'{cell}") } else { cell }
}

/// `+12025550144` or `-2.5`
fn is_number(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let decimal = |text: &str| text.split_once('.').map_or_else(|| digits(text), |(a, b)| digits(a) && digits(b));
    cell.strip_prefix('+').is_some_and(digits) || decimal(cell.strip_prefix('-').unwrap_or(cell))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use serde_json::json;

    use super::*;

    fn format(accept: &[&str]) -> Format {
        let request = lambda_http::http::Request::builder();
        let request = accept.iter().fold(request, |request, value| request.header(header::ACCEPT, *value));
        Format::of(&request.body(Body::Empty).unwrap())
    }

    #[test]
    fn csv_comes_where_it_is_named_and_liked_no_less_than_json() {
        let csv: [&[&str]; 7] = [
            &["text/csv"],
            &["text/csv, */*"],
            &["application/json, text/csv"],
            &["application/json;q=0.5", "Text/CSV;header=present;q=0.8"],
            &["text/csv;q=0.5, */*;q=0.1"],
            &["text/csv;q=0.5, application/json;q=0.4, */*"],
            &["application/*;q=0.2, text/csv;q=0.3, */*"],
        ];
        for accept in csv {
            assert_eq!(format(accept), Format::Csv, "{accept:?}");
        }
        let json: [&[&str]; 8] = [
            &[],
            &["*/*"],
            &["text/*"],
            &["text/html, */*;q=0.8"],
            &["text/csv;q=0.5, application/json"],
            &["text/csv;q=0"],
            &["text/csv;q=0.5, */*"],
            &["text/csv;q=much"],
        ];
        for accept in json {
            assert_eq!(format(accept), Format::Json, "{accept:?}");
        }
    }

    fn lined(cells: &[&str]) -> String {
        let mut text = String::new();
        line(&mut text, cells.iter().map(|cell| (*cell).to_owned()));
        text
    }

    #[test]
    fn what_separates_cells_is_quoted() {
        assert_eq!(lined(&["a", "", "b c"]), "a,,b c\r\n");
        assert_eq!(lined(&["a,b", "say \"x\"", "one\r\ntwo"]), "\"a,b\",\"say \"\"x\"\"\",\"one\r\ntwo\"\r\n");
    }

    #[test]
    fn a_formula_is_text_and_a_number_stays_one() {
        for formula in ["=1+1", "+1-2", "-x", "@SUM(A1)", "\tx", "+", "-", "-1.", "-1+2", "++1", "+1.5", "=", "-1e5"] {
            assert_eq!(guarded(formula.to_owned()), format!("'{formula}"));
        }
        assert_eq!(lined(&["\r=1", "=\"x\""]), "\"'\r=1\",\"'=\"\"x\"\"\"\r\n");
        for plain in ["+12025550144", "-2.5", "-3", "7", "a=b", "", "sip:+1@example.com"] {
            assert_eq!(guarded(plain.to_owned()), plain);
        }
    }

    #[test]
    fn a_cell_is_what_the_json_has_there() {
        let row = json!({"n": 2.5, "t": "x", "b": true, "none": null, "in": {"t": "y"}, "all": [{"e": "1"}, {"e": "2"}], "s": ["a", "b"]});
        let places = ["/n", "/t", "/b", "/none", "/missing", "/in/t", "/none/t", "/all/*/e", "/s/*", "/missing/*"];
        let cells = places.map(|place| cell(&row, place, None));
        assert_eq!(cells, ["2.5", "x", "true", "", "", "y", "", "1; 2", "a; b", ""]);
    }
}
