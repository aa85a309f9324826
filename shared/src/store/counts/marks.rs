//! Marks: slices that are to be counted again, since something was stored late under an older time.

use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use jiff::Timestamp;

use super::{COUNTS, Slice};
use crate::aws::batch_write;
use crate::store::item::{Build, Item, keys_of, string};
use crate::store::{Store, StoreError};
use crate::time;

/// Stands before the sort keys of marks.
const MARK: &str = "mark~";
/// The marks that are read at a time.
const MARKS: i32 = 100;

/// A slice that is to be counted again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The slice.
    pub slice: Slice,
    /// When it was marked: what it was marked for may be written only a moment later.
    pub made_at: Timestamp,
    sort: String,
}

impl Store {
    /// Marks slices to be counted again. Each mark is one of its own: one that is made while its slice is counted stays.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn mark(&self, slices: impl IntoIterator<Item = Slice>, now: Timestamp) -> Result<(), StoreError> {
        let mark = |slice: Slice| {
            let sort = format!("{MARK}{}~{}", time::stamp(Some(slice.0)), time::stamp(Some(now)));
            let mark = Build(keys_of(COUNTS, &sort)).text("slice", Some(slice.to_string()));
            mark.text("made_at", Some(now.to_string())).0
        };
        self.put_rows(slices.into_iter().map(mark)).await
    }

    /// Some of the marks, those of the oldest slices first.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn marks(&self) -> Result<Vec<Mark>, StoreError> {
        let read = |item: &Item| {
            let time = |name| string(item, name).and_then(|text| text.parse().ok());
            Some(Mark {
                slice: Slice::of(time("slice")?),
                made_at: time("made_at")?,
                sort: string(item, "sk")?.to_owned(),
            })
        };
        Ok(self.counting(MARK, MARKS).await?.iter().filter_map(read).collect())
    }

    /// Takes marks away.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn unmark(&self, marks: &[Mark]) -> Result<(), StoreError> {
        let doing = "taking marks away";
        let delete = |mark: &Mark| {
            let delete = DeleteRequest::builder().set_key(Some(keys_of(COUNTS, &mark.sort))).build().ok()?;
            Some(WriteRequest::builder().delete_request(delete).build())
        };
        let writes: Vec<_> = marks.iter().filter_map(delete).collect();
        match batch_write(&self.client, &self.table, &writes).await.map_err(|error| StoreError::of(doing, error))? {
            0 => Ok(()),
            left => Err(StoreError::Undone { doing, left }),
        }
    }
}
