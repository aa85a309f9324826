//! Settings, read once at start from a function's environment. All faults are reported together.

use std::fmt;
use std::str::FromStr;

/// Where a variable's value comes from: the process environment in Lambda, a map on a laptop.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The process environment.
#[must_use]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// All faults of the settings, a line each.
#[derive(Debug, thiserror::Error)]
pub struct SettingsError(Vec<String>);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings: {}", self.0.join("; "))
    }
}

/// A variable that can't be read and has its default instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The variable's name.
    pub name: String,
    /// What it holds.
    pub value: String,
    /// Why that can't be read.
    pub reason: String,
}

/// A setting that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// `on`.
    On,
    /// `off`.
    Off,
}

impl FromStr for Switch {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            _ => Err("not on or off"),
        }
    }
}

/// What becomes of a variable that can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// It is a problem, as a missing one is.
    Refused,
    /// It has its default, and is a fault.
    Defaulted,
}

/// Reads variables and collects their faults.
pub struct Reader<'a> {
    lookup: Lookup<'a>,
    wrong: Wrong,
    problems: Vec<String>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    /// A reader of those variables.
    #[must_use]
    pub fn new(lookup: Lookup<'a>) -> Self {
        Self { lookup, wrong: Wrong::Refused, problems: Vec::new(), faults: Vec::new() }
    }

    /// A reader for a function that must not stop because of one wrong variable: that has its default, and is a fault. One that
    /// is required and missing is a problem still.
    #[must_use]
    pub fn lenient(lookup: Lookup<'a>) -> Self {
        Self { wrong: Wrong::Defaulted, ..Self::new(lookup) }
    }

    /// The faults found so far.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.faults.clone()
    }

    /// The variable's value, unless it is missing or empty.
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The variable's value; a missing one is a problem.
    pub fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.problems.push(format!("{name} is not set"));
            String::new()
        })
    }

    /// The variable read as a `T`, or the default where it is not set.
    pub fn parsed<T: FromStr<Err: fmt::Display>>(&mut self, name: &str, default: T) -> T {
        let Some(text) = self.optional(name) else { return default };
        text.parse().unwrap_or_else(|error: T::Err| {
            self.note(name, text, &error);
            default
        })
    }

    fn note(&mut self, name: &str, value: String, error: &dyn fmt::Display) {
        match self.wrong {
            Wrong::Refused => self.problems.push(format!("{name}: {error}")),
            Wrong::Defaulted => {
                let reason = error.to_string();
                tracing::error!(name, reason, "a setting can't be read; its default is in force");
                self.faults.push(Fault { name: name.to_owned(), value, reason });
            }
        }
    }

    /// The comma-separated elements of the variable, each read as a `T`; none where it is not set. A lenient reader leaves out
    /// those that can't be read.
    pub fn list<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Vec<T> {
        let value = self.optional(name).unwrap_or_default();
        let mut read = Vec::new();
        for (place, text) in (1..).zip(value.split(',').map(str::trim).filter(|text| !text.is_empty())) {
            match text.parse() {
                Ok(element) => read.push(element),
                // The text itself stays out: someone may have put a token where its digest belongs.
                Err(error) => self.note(&format!("{name}, element {place}"), String::new(), &error),
            }
        }
        read
    }

    /// The settings, if they have no fault.
    ///
    /// # Errors
    /// [`SettingsError`] with all faults.
    pub fn finish<T>(self, settings: T) -> Result<T, SettingsError> {
        if self.problems.is_empty() { Ok(settings) } else { Err(SettingsError(self.problems)) }
    }
}
