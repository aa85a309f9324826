//! A table that fits the terminal, where that is not narrower than what is never cut: columns that there is no room for are left out, and texts that are too long are cut.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::terminal::printable;

/// Between columns.
const GAP: usize = 2;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// What stands above it.
    pub(crate) title: &'static str,
    /// So narrow it may become; one of fixed width has 0, and is never cut.
    pub(crate) least: usize,
    /// Of those that are too many, the one with the highest goes first; 0 stays.
    pub(crate) goes: u8,
}

/// A column of that title, which may become so narrow, and goes at that rank.
pub(crate) const fn column(title: &'static str, least: usize, goes: u8) -> Column {
    Column { title, least, goes }
}

/// Where its cells begin to be cut, for each column that is shown.
#[derive(Debug)]
pub(crate) struct Layout {
    shown: Vec<(usize, usize)>,
}

impl Layout {
    /// The columns of those rows that fit into that many cells of a terminal; None: all, as they are.
    pub(crate) fn of<const N: usize>(columns: &[Column; N], rows: &[[String; N]], room: Option<usize>) -> Self {
        let natural =
            |nth: usize| rows.iter().filter_map(|row| row.get(nth)).map(|cell| width(cell)).max().unwrap_or(0);
        let all = columns.iter().enumerate();
        let mut shown: Vec<_> = all.map(|(nth, column)| (nth, column, natural(nth).max(width(column.title)))).collect();
        let least =
            |column: &Column, natural: usize| if column.least == 0 { natural } else { natural.min(column.least) };
        let room = room.unwrap_or(usize::MAX);
        while taken(shown.iter().map(|(_, column, natural)| least(column, *natural))) > room {
            let Some(goes) = shown.iter().map(|(_, column, _)| column.goes).max().filter(|goes| *goes > 0) else {
                break;
            };
            shown.retain(|(_, column, _)| column.goes != goes);
        }
        while taken(shown.iter().map(|(_, _, wide)| *wide)) > room {
            let long = shown.iter_mut().filter(|(_, column, wide)| *wide > least(column, *wide));
            let Some((_, _, widest)) = long.max_by_key(|(_, _, wide)| *wide) else { break };
            *widest -= 1;
        }
        Self { shown: shown.into_iter().map(|(nth, _, wide)| (nth, wide)).collect() }
    }

    /// A row's line; `paint` colours the cell of a column.
    pub(crate) fn line<S: AsRef<str>>(&self, row: &[S], paint: impl Fn(usize, &str) -> String) -> String {
        let cell = |(nth, wide): &(usize, usize)| {
            let text = cut(row.get(*nth).map_or("", AsRef::as_ref), *wide);
            let blanks = " ".repeat(wide.saturating_sub(width(&text)));
            format!("{}{blanks}", paint(*nth, &text))
        };
        self.shown.iter().map(cell).collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
    }
}

fn taken(widths: impl Iterator<Item = usize>) -> usize {
    widths.map(|wide| wide + GAP).sum::<usize>().saturating_sub(GAP)
}

fn width(text: &str) -> usize {
    printable(text).width()
}

/// As much of the text as fits, with an ellipsis where that is not all; without what a terminal would obey.
pub(crate) fn cut(text: &str, room: usize) -> String {
    let text = printable(text);
    if text.width() <= room {
        return text;
    }
    let mut left = room.saturating_sub(1);
    let fits = |c: &char| {
        let wide = c.width().unwrap_or(0);
        let fits = wide <= left;
        left = left.saturating_sub(wide);
        fits
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [column("WHEN", 0, 0), column("FROM", 4, 0), column("ID", 0, 1)];

    fn shown(rows: &[[&str; 3]], room: usize) -> Vec<String> {
        let rows: Vec<_> = rows.iter().map(|row| row.map(str::to_owned)).collect();
        let layout = Layout::of(&COLUMNS, &rows, Some(room));
        rows.iter().map(|row| layout.line(row, |_, cell| cell.to_owned())).collect()
    }

    #[test]
    fn what_fits_is_shown_whole_and_what_does_not_goes_by_its_rank_or_is_cut() {
        let rows = [["10:00", "alice@example.com", "a1"], ["11:00", "bob", "b22"]];
        assert_eq!(shown(&rows, 80), ["10:00  alice@example.com  a1", "11:00  bob                b22"]);
        assert_eq!(shown(&rows, 20), ["10:00  alice@e…  a1", "11:00  bob       b22"]);
        assert_eq!(shown(&rows, 15), ["10:00  alice@e…", "11:00  bob"]);
        assert_eq!(shown(&rows, 3), ["10:00  ali…", "11:00  bob"]);
    }

    #[test]
    fn a_hostile_name_neither_steers_the_terminal_nor_moves_the_columns() {
        let rows = [["1", "\u{1b}[2J\u{202e}evil\r\n", "x"], ["2", "日本", "y"]];
        let lines = shown(&rows, 80);
        assert_eq!(lines, ["1     \u{FFFD}[2J\u{FFFD}evil\u{FFFD}\u{FFFD}  x", "2     日本         y"]);
    }
}
