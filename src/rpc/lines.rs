//! Lines of bounded length.

use std::io::{self, BufRead, ErrorKind};

use crate::units::{MIB, length};

/// The longest message, in bytes. A server's user-data and keys are thousands of times shorter.
pub(crate) const MAX_LINE: usize = length(8 * MIB);

/// What stood between two newlines.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A message, without its newline.
    Message(Vec<u8>),
    /// More bytes than a message may have; they were skipped, not kept.
    TooLong,
}

/// The next line of `input`, of at most `limit` bytes; `None` at its end. The last line need not
/// end in a newline.
pub(super) fn next_line(input: &mut impl BufRead, limit: usize) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let mut too_long = false;
    let mut any = false;
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            break;
        }
        any = true;
        let newline = chunk.iter().position(|byte| *byte == b'\n');
        let taken = newline.unwrap_or(chunk.len());
        if line.len() + taken > limit {
            too_long = true;
            line = Vec::new();
        }
        if !too_long {
            line.extend_from_slice(&chunk[..taken]);
        }
        input.consume(newline.map_or(taken, |at| at + 1));
        if newline.is_some() {
            break;
        }
    }
    Ok(match (any, too_long) {
        (false, _) => None,
        (true, true) => Some(Line::TooLong),
        (true, false) => Some(Line::Message(line)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    fn all(input: &[u8], buffer: usize, limit: usize) -> Vec<Line> {
        let mut reader = BufReader::with_capacity(buffer, input);
        std::iter::from_fn(|| next_line(&mut reader, limit).unwrap()).collect()
    }

    #[test]
    fn the_last_line_needs_no_newline() {
        let expected = [Line::Message(b"a".into()), Line::Message(b"b".into())];
        assert_eq!(all(b"a\nb", 8, 8), expected);
        assert_eq!(all(b"a\nb\n", 8, 8), expected);
        assert!(all(b"", 8, 8).is_empty());
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_the_next_is_read() {
        let lines = all(b"12345\n1234\n123456789\nx", 4, 4);
        assert_eq!(
            lines,
            [
                Line::TooLong,
                Line::Message(b"1234".into()),
                Line::TooLong,
                Line::Message(b"x".into())
            ]
        );
    }

    proptest! {
        #[test]
        fn lines_are_those_that_split_finds(input in "[ab\n]{0,40}", buffer in 1usize..9, limit in 1usize..9) {
            let trimmed = input.strip_suffix('\n').unwrap_or(&input);
            let expected: Vec<Line> = if input.is_empty() {
                Vec::new()
            } else {
                trimmed
                    .split('\n')
                    .map(|line| if line.len() > limit {
                        Line::TooLong
                    } else {
                        Line::Message(line.into())
                    })
                    .collect()
            };
            prop_assert_eq!(all(input.as_bytes(), buffer, limit), expected);
        }
    }
}
