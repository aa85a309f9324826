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
    ("t", "times of this browser's zone, or UTC"),
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
                p { "A number, however it is written, or its last digits; a user such as " code { "alice@example.com" } "; a domain; an address; the id of a call, of one of its legs or of its thread; the whole id of an event; or a part of a name that was given to one of them." }
            }
            section.panel {
                h2 { "Addresses" }
                p { "Each view is its address: copy it, and whoever has a read token sees the same. The last 24 hours stay the last 24 hours in it. " b { "Pin" } " writes the exact time, for a report." }
                p { "A click on a value in a list filters by it; a click elsewhere in the row opens it." }
            }
            section.panel {
                h2 { "Times" }
                p { "The top of each page says in which zone its times are: UTC, or with a script that of this browser. A pointer over a time shows the other, and how long ago it was. A time that has UTC behind it stays so, as what one types for a filter does." }
            }
        }
    };
    Ok(Page::new("Help", main).shown(visit))
}
