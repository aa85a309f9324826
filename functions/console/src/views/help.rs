//! How to get around.

use maud::html;

use crate::Answer;
use crate::page::Page;
use crate::visit::Visit;

/// The keys, and what they do.
const KEYS: [(&str, &str); 6] = [
    ("/", "search"),
    ("j, k", "the next row of a list, the one before"),
    ("Enter", "open it"),
    ("l", "follow a list, or no longer"),
    ("t", "times of this browser, or UTC"),
    ("?", "this page"),
];

/// The page.
pub(crate) fn show(visit: &Visit<'_>) -> Answer {
    let main = html! {
        h1 { "Help" }
        div.panels {
            section.panel {
                h2 { "Keys" }
                dl.facts { @for (key, does) in KEYS { dt { kbd { (key) } } dd { (does) } } }
            }
            section.panel {
                h2 { "Search" }
                p { "A number, however it is written; a user such as " code { "alice@example.com" } "; a domain; an address; the id of a call or of an event; or a name that was given to one of them." }
            }
            section.panel {
                h2 { "Addresses" }
                p { "Each view is its address: copy it, and whoever has a read token sees the same. The last 24 hours stay the last 24 hours in it. " b { "Pin" } " writes the exact time, for a report." }
                p { "A click on a value in a list filters by it; a click elsewhere in the row opens it." }
            }
            section.panel {
                h2 { "Times" }
                p { "Times are UTC. With a script, a pointer over one shows it in the zone of this browser, and how long ago it was." }
            }
        }
    };
    Ok(Page::new("Help", main).shown(visit))
}
