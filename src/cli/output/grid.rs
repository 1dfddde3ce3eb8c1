//! Rows and columns as text.

use textwrap::core::display_width;

use super::{Look, wrapped};

/// Between two columns.
const GAP: usize = 2;
/// No text is broken into lines that are shorter.
const NARROWEST: usize = 16;

/// Rows of cells, all of the same number.
#[derive(Debug, Default)]
pub(super) struct Grid {
    pub(super) rows: Vec<Vec<String>>,
    /// The columns that hold states, which are coloured.
    pub(super) states: Vec<usize>,
    /// How many columns stay however narrow it is; of the others the last is left out first.
    pub(super) kept: usize,
}

impl Grid {
    /// As text, each row with its newline.
    pub(super) fn render(mut self, look: Look) -> String {
        let mut widths = self.widths();
        if let Some(limit) = look.width {
            while widths.len() > self.kept.max(1) && total(&widths) > limit {
                widths.pop();
            }
            self.break_texts(&mut widths, limit);
        }
        let mut text = String::new();
        for row in &self.rows {
            self.row(row, &widths, look, &mut text);
        }
        text
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.first().map_or(0, Vec::len);
        let lines = |cell: &String| cell.lines().map(display_width).max();
        (0..columns)
            .map(|at| {
                let widths = self.rows.iter().filter_map(|row| lines(&row[at]));
                widths.max().unwrap_or_default()
            })
            .collect()
    }

    /// Breaks the widest texts at words until the row fits, where it can.
    fn break_texts(&mut self, widths: &mut [usize], limit: usize) {
        let mut left: Vec<usize> = (0..widths.len()).collect();
        while total(widths) > limit {
            let broken = left.iter().copied().max_by_key(|at| widths[*at]);
            let Some(at) = broken else { return };
            left.retain(|other| *other != at);
            let rest = total(widths) - widths[at];
            let width = limit.saturating_sub(rest).max(NARROWEST).min(widths[at]);
            for row in &mut self.rows {
                row[at] = wrapped(&row[at], Some(width), "");
            }
            widths[at] = self.widths()[at];
        }
    }

    fn row(&self, row: &[String], widths: &[usize], look: Look, text: &mut String) {
        let height = row[..widths.len()].iter().map(|cell| cell.lines().count());
        for number in 0..height.max().unwrap_or_default().max(1) {
            let mut line = String::new();
            for (at, width) in widths.iter().enumerate() {
                let part = row[at].lines().nth(number).unwrap_or_default();
                let colour = colour(part).filter(|_| look.colours && self.states.contains(&at));
                match colour {
                    Some(code) => line.extend(["\x1b[", code, "m", part, "\x1b[0m"]),
                    None => line.push_str(part),
                }
                if at + 1 < widths.len() {
                    line.extend(std::iter::repeat_n(' ', width - display_width(part) + GAP));
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// The colour of a state: green is well, yellow is not running, red is wrong.
fn colour(state: &str) -> Option<&'static str> {
    Some(match state {
        "ACTIVE" | "running" | "ok" | "created" | "done" => "32",
        "ERROR" | "error" | "failed" | "MISSING" => "31",
        "BUILD" | "PAUSED" | "SUSPENDED" | "SHUTOFF" | "pending" | "paused" | "suspended"
        | "stopped" | "warning" => "33",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(rows: &[&[&str]], kept: usize) -> Grid {
        let row = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        Grid {
            rows: rows.iter().map(row).collect(),
            states: vec![1],
            kept,
        }
    }

    fn narrow(width: usize) -> Look {
        Look {
            width: Some(width),
            ..Look::default()
        }
    }

    #[test]
    fn columns_are_left_out_from_the_right_where_it_is_narrow() {
        let rows: [&[&str]; 2] = [
            &["NAME", "STATUS", "SIZE"],
            &["web-1", "ACTIVE", "va-small"],
        ];
        let shown = grid(&rows, 1).render(narrow(15));
        assert_eq!(shown, "NAME   STATUS\nweb-1  ACTIVE\n");
        let shown = grid(&rows, 1).render(Look::default());
        assert!(shown.contains("va-small"), "{shown}");
    }

    #[test]
    fn texts_are_broken_at_words_and_other_columns_stay_as_they_are() {
        let rows: [&[&str]; 1] = [&["message", "a sentence of some words"]];
        let shown = grid(&rows, 2).render(narrow(26));
        assert_eq!(shown, "message  a sentence of\n         some words\n");
    }

    #[test]
    fn wide_characters_take_the_room_that_they_have() {
        let rows: [&[&str]; 2] = [&["サーバー", "x"], &["a", "y"]];
        assert_eq!(
            grid(&rows, 2).render(narrow(80)),
            "サーバー  x\na         y\n"
        );
    }

    #[test]
    fn states_are_coloured_where_that_is_seen() {
        let rows: [&[&str]; 2] = [&["NAME", "STATUS"], &["ACTIVE", "ACTIVE"]];
        let look = Look {
            colours: true,
            ..Look::default()
        };
        let shown = grid(&rows, 1).render(look);
        assert_eq!(shown, "NAME    STATUS\nACTIVE  \x1b[32mACTIVE\x1b[0m\n");
    }
}
