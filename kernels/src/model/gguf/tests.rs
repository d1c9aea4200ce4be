use super::*;

/// A small file, written by hand.
struct Writer(Vec<u8>);

impl Writer {
    fn new(tensors: u64, metadata: u64) -> Self {
        let mut file = Self(b"GGUF".to_vec());
        file.u32(3).u64(tensors).u64(metadata);
        file
    }
    fn u32(&mut self, n: u32) -> &mut Self {
        self.0.extend(n.to_le_bytes());
        self
    }
    fn u64(&mut self, n: u64) -> &mut Self {
        self.0.extend(n.to_le_bytes());
        self
    }
    fn str(&mut self, text: &str) -> &mut Self {
        self.u64(text.len() as u64).0.extend(text.bytes());
        self
    }
}

fn small() -> Vec<u8> {
    let mut file = Writer::new(1, 3);
    file.str("general.name").u32(8).str("tiny");
    file.str("llama.block_count").u32(4).u32(7);
    file.str("ids").u32(9).u32(5).u64(2).u32(1).u32(u32::MAX);
    file.str("w").u32(2).u64(3).u64(2).u32(0).u64(0);
    while !file.0.len().is_multiple_of(32) {
        file.0.push(0);
    }
    for i in 0..6_u8 {
        file.0.extend(f32::from(i).to_le_bytes());
    }
    file.0
}

#[test]
fn reads_what_was_written() {
    let mut file = Cursor::new(small());
    let gguf = Gguf::read(&mut file).unwrap();
    assert_eq!(gguf.name(), "tiny");
    assert_eq!(gguf.uint("llama.block_count"), Some(7));
    assert_eq!(gguf.get("ids"), Some(&GgufValue::Ints(vec![1, -1])));
    assert_eq!(gguf.quantisation(), "F32");
    let tensor = gguf.tensor(&mut file, "w").unwrap();
    assert_eq!(tensor.shape, [2, 3]);
    assert_eq!(tensor.to_f32(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    let header = &small()[..usize::try_from(gguf.header_size()).unwrap()];
    assert_eq!(Gguf::header(header).unwrap(), gguf);
}

#[test]
fn every_cut_is_an_error() {
    let whole = small();
    for length in 0..whole.len() {
        let error = Gguf::read(&mut Cursor::new(&whole[..length])).unwrap_err();
        assert!(
            matches!(error, GgufError::Truncated { .. }),
            "{length}: {error}"
        );
    }
}

#[test]
fn claims_are_not_believed() {
    let huge = Writer::new(u64::MAX, 0).0;
    let error = Gguf::read(&mut Cursor::new(huge)).unwrap_err().to_string();
    assert!(error.contains("the number of tensors"), "{error}");
    let mut list = Writer::new(0, 1);
    list.str("a").u32(9).u32(8).u64(u64::MAX / 16);
    assert!(Gguf::header(&list.0).is_err());
    let mut shape = Writer::new(1, 0);
    shape
        .str("w")
        .u32(4)
        .u64(u64::MAX)
        .u64(2)
        .u64(1)
        .u64(1)
        .u32(0)
        .u64(0);
    let error = Gguf::header(&shape.0).unwrap_err().to_string();
    assert_eq!(
        error,
        "the GGUF file is damaged: tensor `w` has a dimension of 2"
    );
}

#[test]
fn foreign_files_are_named() {
    let error = Gguf::header(b"PK\x03\x04 a zip").unwrap_err().to_string();
    assert_eq!(
        error,
        "this is no GGUF file: it begins with \"PK\\u{3}\\u{4}\", expected \"GGUF\""
    );
    let pointer = Gguf::header(b"version https://git-lfs.github.com/spec/v1\n");
    let error = pointer.unwrap_err().to_string();
    assert!(error.starts_with("this is a Git LFS pointer"), "{error}");
    let mut old = b"GGUF".to_vec();
    old.extend(1_u32.to_le_bytes());
    let error = Gguf::header(&old).unwrap_err().to_string();
    assert_eq!(error, "the GGUF file is of version 1, expected 2 or 3");
    let mut turned = b"GGUF".to_vec();
    turned.extend(3_u32.to_be_bytes());
    let error = Gguf::header(&turned).unwrap_err().to_string();
    assert!(error.contains("big-endian"), "{error}");
}

/// Offsets are the running, aligned sum of the sizes.
#[test]
fn tensors_that_do_not_stand_side_by_side_are_refused() {
    let two = |first: u64, second: u64| {
        let mut file = Writer::new(2, 0);
        file.str("a").u32(1).u64(3).u32(0).u64(first);
        file.str("b").u32(1).u64(3).u32(0).u64(second);
        file.0.resize(file.0.len().next_multiple_of(32) + 64, 0);
        Gguf::read(&mut Cursor::new(file.0)).map(|_| ())
    };
    assert!(two(0, 32).is_ok());
    for (first, second, told) in [
        (0, 0, "tensor `b` begins at 0, expected 32"),
        (1, 32, "tensor `a` begins at 1, expected 0"),
        (0, 12, "tensor `b` begins at 12, expected 32"),
        (32, 0, "tensor `a` begins at 32, expected 0"),
    ] {
        let error = two(first, second).unwrap_err().to_string();
        assert_eq!(error, format!("the GGUF file is damaged: {told}"));
    }
}

proptest::proptest! {
    #[test]
    fn damage_never_panics(at in 0..small().len(), byte: u8) {
        let mut file = small();
        file[at] = byte;
        // Either a sentence or a file whose tensors can be read.
        if let Ok(gguf) = Gguf::read(&mut Cursor::new(&file)) {
            for tensor in gguf.tensors() {
                gguf.tensor(&mut Cursor::new(&file), &tensor.name).unwrap();
            }
        }
    }
}
