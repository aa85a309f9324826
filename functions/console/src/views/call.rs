//! One call.

use maud::html;
use query::{CallQuery, Views};

use crate::page::Page;
use crate::visit::Visit;
use crate::{Answer, range, words};

/// The call.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>, id: &str) -> Answer {
    let parameters = range::as_given(&visit.filters.without(&["event"]), query::Route::Call(id).parameters())?;
    let view = views.call(&CallQuery::read(id, &parameters)?, visit.now).await?;
    let main = html! {
        h1 { "Call " (words::name(view.call.outcome.as_str())) }
    };
    Ok(Page::new("Call", main).shown(visit))
}
