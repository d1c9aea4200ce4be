use proptest::prelude::*;

use super::*;
use crate::formats::error::FormatProblem;

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ArchiveWriter::default();
    for (name, bytes) in members {
        writer.add(name, bytes).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn what_is_written_is_read() {
    let bytes = archive(&[("a.json", b"{}"), ("b/\u{e9}.json", &[7; 100_000])]);
    assert!(bytes.len() < 1_000, "{} bytes", bytes.len());
    let mut read = ArchiveReader::open(&bytes, ZipLimits::default()).unwrap();
    assert_eq!(read.names(), ["a.json", "b/\u{e9}.json"]);
    assert_eq!(read.read("a.json").unwrap().unwrap(), b"{}");
    assert_eq!(read.read("b/\u{e9}.json").unwrap().unwrap(), [7; 100_000]);
    assert_eq!(read.read("c").unwrap(), None);
}

#[test]
fn of_two_members_of_one_name_the_last_holds() {
    let mut bytes = archive(&[("header1.json", b"old"), ("header2.json", b"new")]);
    // The checksums do not cover the names.
    for at in 0..bytes.len() - 7 {
        if &bytes[at..at + 7] == b"header2" {
            bytes[at + 6] = b'1';
        }
    }
    let mut read = ArchiveReader::open(&bytes, ZipLimits::default()).unwrap();
    assert_eq!(read.names().len(), 1);
    assert_eq!(read.read("header1.json").unwrap().unwrap(), b"new");
}

#[test]
fn no_more_is_unpacked_than_allowed() {
    let bytes = archive(&[("a", &[0; 1000]), ("b", &[0; 1000])]);
    let limits = |member, total| ZipLimits { member, total };
    let mut read = ArchiveReader::open(&bytes, limits(999, 5000)).unwrap();
    let error = read.read("a").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the unpacked member has more than 999 bytes, which is all that is read"
    );
    let mut read = ArchiveReader::open(&bytes, limits(1000, 1500)).unwrap();
    assert!(read.read("a").is_ok());
    assert!(matches!(
        read.read("b"),
        Err(FormatProblem::TooLarge { most: 500, .. })
    ));
}

#[test]
fn a_changed_byte_is_noticed() {
    let mut bytes = archive(&[("a", b"hello hello hello")]);
    let at = bytes.iter().position(|byte| *byte == b'a').unwrap();
    bytes[at + 3] ^= 1;
    let read = ArchiveReader::open(&bytes, ZipLimits::default())
        .unwrap()
        .read("a");
    assert!(matches!(read, Err(FormatProblem::Archive(_))), "{read:?}");
}

proptest! {
    #[test]
    fn damage_gives_an_error_and_no_panic(
        changes in prop::collection::vec((0_usize..400, any::<u8>()), 1..6),
        cut in 0_usize..400,
    ) {
        let mut bytes = archive(&[("a.json", b"[1,2,3]"), ("samples/1_epoch_1.json", &[9; 500])]);
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(bytes.len().saturating_sub(cut % 50));
        let limits = ZipLimits { member: 10_000, total: 20_000 };
        if let Ok(mut read) = ArchiveReader::open(&bytes, limits) {
            let names = read.names();
            for name in names {
                let _either = read.read(&name);
            }
        }
    }

    #[test]
    fn any_bytes_give_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(ArchiveReader::open(&bytes, ZipLimits::default()).is_err());
    }
}
