//! A list as a file: all of it, as far as one answer holds.

use lambda_http::http::{HeaderValue, header};
use query::{Element, List, QueryError, answered_in_csv};
use serde::Serialize;
use shared::answer::passed_on;
use shared::store::PageRequest;

use crate::Answer;

/// The most pages that a file has, their size, and the most bytes of their JSON, which has more than a row shows.
const PAGES: usize = 20;
const PAGE: usize = 100;
const BYTES: usize = 4_000_000;

/// The most rows of a file.
pub(crate) const ROWS: usize = PAGES * PAGE;

/// The list of that name as a file. One that has only a part is called so.
pub(crate) async fn file<T: Element + Serialize, R: Future<Output = Result<List<T>, QueryError>>>(
    name: &str,
    mut page: PageRequest,
    read: impl Fn(PageRequest) -> R,
) -> Answer {
    page.limit = PAGE;
    let mut whole = List { items: Vec::new(), next: None, read_to: None, names: None };
    let mut bytes = 0;
    for _ in 0..PAGES {
        let part = read(page.clone()).await?;
        bytes += part.items.iter().map(passed_on).sum::<usize>();
        whole.items.extend(part.items);
        whole.names.get_or_insert_default().extend(part.names.unwrap_or_default());
        (whole.next, whole.read_to) = (part.next, part.read_to);
        page.after = whole.next.as_deref().and_then(|cursor| cursor.parse().ok());
        if page.after.is_none() || bytes > BYTES {
            break;
        }
    }
    let part = if whole.next.is_some() { "-part" } else { "" };
    let mut answered = answered_in_csv(&whole)?;
    let named = HeaderValue::try_from(format!("attachment; filename=\"{name}{part}.csv\"")).ok();
    answered.headers_mut().extend(named.map(|named| (header::CONTENT_DISPOSITION, named)));
    Ok(answered)
}
