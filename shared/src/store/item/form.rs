//! The form of items, which a release may change.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Item, ItemError};

/// Stands in the summary of an event and of a record and says in which form the item is: a number, which only such a change raises as readers
/// of before can't pass over. Items of before it was written have none, and the form 1.
pub(in crate::store) const FORM: &str = "v";
/// The form that this code writes, and the only one that it reads.
pub(super) const WRITTEN: &str = "1";

/// Whether this code reads that form.
pub(in crate::store) fn check_form(summary: &Item) -> Result<(), ItemError> {
    match summary.get(FORM) {
        None => Ok(()),
        Some(AttributeValue::S(form)) if form == WRITTEN => Ok(()),
        Some(_) => Err(ItemError(FORM)),
    }
}
