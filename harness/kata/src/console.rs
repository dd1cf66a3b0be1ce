//! All that is shown goes through here: lines for standard output and standard error, in colour on a terminal only.

use anstyle::{AnsiColor, Style};
use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr};

/// The columns to use where there is no terminal.
const WIDTH: usize = 100;

/// A line on standard output.
pub fn out(line: impl Display) {
    // Whoever listens may have gone, as in `cargo kata | head`: no reason to complain.
    let _ = writeln!(anstream::stdout(), "{line}");
}

/// A line on standard error.
pub fn err(line: impl Display) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Says on a terminal what is being done. The next call replaces it.
pub fn progress(doing: impl Display) {
    clear_progress();
    if stderr().is_terminal() {
        // A line that the terminal breaks cannot be taken away.
        let line: String = format!("  … {doing}").chars().take(width().saturating_sub(1)).collect();
        let _ = write!(stderr(), "{line}").and_then(|()| stderr().flush());
    }
}

/// Takes away what `progress` has said.
pub fn clear_progress() {
    if stderr().is_terminal() {
        let _ = write!(stderr(), "\r\x1b[K").and_then(|()| stderr().flush());
    }
}

/// The columns of the terminal.
pub fn width() -> usize {
    terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0))
}

/// The lines of the terminal, if there is one.
pub fn height() -> Option<usize> {
    terminal_size::terminal_size().map(|(_, height)| usize::from(height.0))
}

/// As something that is right.
pub fn good(text: impl Display) -> String {
    painted(AnsiColor::Green.on_default(), text)
}

/// As something that is wrong.
pub fn bad(text: impl Display) -> String {
    painted(AnsiColor::Red.on_default().bold(), text)
}

/// As something that matters.
pub fn bold(text: impl Display) -> String {
    painted(Style::new().bold(), text)
}

/// As something beside the point.
pub fn dim(text: impl Display) -> String {
    painted(Style::new().dimmed(), text)
}

fn painted(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// `text` with each of its lines moved to the right.
pub fn indented(text: &str, by: usize) -> String {
    let indent = " ".repeat(by);
    let lines: Vec<String> =
        text.lines().map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") }).collect();
    lines.join("\n")
}

/// `text` in lines of at most `width` columns, broken at blanks; from the second line on, moved to the right.
pub fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("one line at least");
        if line.trim().is_empty() || line.chars().count() + 1 + word.chars().count() <= width {
            let gap = if line.trim().is_empty() { "" } else { " " };
            line.push_str(gap);
            line.push_str(word);
        } else {
            lines.push(format!("{}{word}", " ".repeat(indent)));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_broken_at_blanks_and_loses_nothing() {
        let text = "loom ran all 1,134 interleavings that it can tell apart (3 threads)";
        for width in [24, 30, 100] {
            let lines = wrapped(text, width, 4);
            assert!(lines.lines().all(|line| line.chars().count() <= width), "{lines}");
            assert_eq!(lines.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
        }
        assert_eq!(wrapped("one two three", 8, 4), "one two\n    three");
    }

    #[test]
    fn empty_lines_stay_empty_when_moved() {
        assert_eq!(indented("a\n\n  b", 2), "  a\n\n    b");
    }
}
