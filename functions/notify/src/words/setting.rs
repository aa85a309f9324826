//! The alert of a setting that can't be read.

use shared::outbox::{Alert, Attributes, Severity};
use shared::settings::Fault;

use super::plain::{line, short};
use super::{Words, rows};

/// How much of a wrong value is shown.
const MOST: usize = 200;

impl Words {
    /// The alert of a setting that has its default, since it can't be read.
    #[must_use]
    pub fn wrong_setting(&self, id: String, fault: &Fault) -> Alert {
        let story = format!("{} is wrong, and its default is in force", fault.name);
        let facts = rows([
            ("Value", Some(short(&self.shown(&fault.value), MOST))),
            ("Why", Some(short(&line(&fault.reason), MOST))),
        ]);
        let text = format!(
            "{story}. What to do: correct it and deploy again.\n\n{facts}\nEverything else goes on. {name} is a variable of the function \
             notify: the template shows which parameter sets it.\n\nHow often: once for this value. The alarm WrongSettings \
             stays for a day after it was corrected.\n",
            name = fault.name
        );
        let attributes = Attributes {
            class: Some("setting".to_owned()),
            severity: Some(Severity::Warning),
            ..Attributes::default()
        };
        self.alert(id, &story, text, None).with(attributes)
    }
}
