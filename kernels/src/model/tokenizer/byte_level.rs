//! How byte-level vocabularies spell bytes, after GPT-2's `bytes_to_unicode`: those that print
//! as themselves, the others, in order, as the characters from U+0100.

/// The bytes behind `spelling`; `None` where a character of it spells no byte.
pub(super) fn bytes(spelling: &str) -> Option<Vec<u8>> {
    spelling.chars().map(byte).collect()
}

fn byte(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ (0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff) => u8::try_from(code).ok(),
        code => {
            let place = usize::try_from(code.checked_sub(0x100)?).ok()?;
            (0..=u8::MAX).filter(|byte| !prints(*byte)).nth(place)
        }
    }
}

fn prints(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn spaces_breaks_and_parts_of_characters() {
        // As GPT-2's vocabulary spells " the", a line break, and the two bytes of an accented e.
        assert_eq!(bytes("\u{120}the").unwrap(), b" the");
        assert_eq!(bytes("\u{10a}").unwrap(), b"\n");
        assert_eq!(bytes("\u{c3}\u{a9}").unwrap(), "\u{e9}".as_bytes());
        // The last two of the table: 0xa0 and 0xad.
        assert_eq!(bytes("\u{142}\u{143}").unwrap(), [0xa0, 0xad]);
    }

    #[test]
    fn what_spells_no_byte() {
        assert_eq!(bytes("\u{2581}the"), None);
        assert_eq!(bytes("\u{144}"), None);
        assert_eq!(bytes(" "), None);
    }
}
