use super::*;

#[test]
fn q4_1_has_low_halves_first() {
    let mut block = Vec::new();
    block.extend(f16::from_f32(0.5).to_le_bytes());
    block.extend(f16::from_f32(-1.0).to_le_bytes());
    block.extend((0..16).map(|i| i | ((15 - i) << 4)));
    let values = Dtype::Q4_1.to_f32(&block);
    assert_eq!((values[0], values[15]), (-1.0, 6.5));
    assert_eq!((values[16], values[31]), (6.5, -1.0));
}

#[test]
fn q8_0_is_signed() {
    let mut block = f16::from_f32(2.0).to_le_bytes().to_vec();
    block.extend((0..32).map(|i: u8| i.wrapping_sub(16)));
    let values = Dtype::Q8_0.to_f32(&block);
    assert_eq!((values[0], values[16], values[31]), (-32.0, 0.0, 30.0));
}

#[test]
fn q4_k_has_eight_runs_of_their_own_scale() {
    let mut block = vec![0_u8; 144];
    block[..2].copy_from_slice(&f16::from_f32(0.5).to_le_bytes());
    block[2..4].copy_from_slice(&f16::from_f32(0.25).to_le_bytes());
    // Run 1: scale 3, minimum 2. Run 6: scale 33 = 2·16 + 1, minimum 18 = 1·16 + 2.
    (block[4 + 1], block[4 + 5]) = (3, 2);
    (block[4 + 10], block[4 + 2], block[4 + 6]) = (1 | 2 << 4, 2 << 6, 1 << 6);
    block[16 + 4] = 7 << 4;
    block[16 + 96 + 9] = 15;
    let values = Dtype::Q4K.to_f32(&block);
    assert_eq!((values[32], values[32 + 4]), (-0.5, 0.5 * 3.0 * 7.0 - 0.5));
    assert_eq!(values[192], -0.25 * 18.0);
    assert_eq!(values[192 + 9], 0.5 * 33.0 * 15.0 - 0.25 * 18.0);
    assert_eq!(values[0], 0.0);
}

#[test]
fn sizes_are_whole_blocks() {
    assert_eq!(Dtype::Q4_1.bytes(64), Some(40));
    assert_eq!(Dtype::Q4_1.bytes(33), None);
    assert_eq!(Dtype::Q4K.bytes(512), Some(288));
    assert_eq!(Dtype::Q4K.bytes(128), None);
    assert_eq!(Dtype::F32.bytes(u64::MAX), None);
    for dtype in Dtype::ALL {
        let bytes = vec![0; 2 * dtype.block_bytes()];
        assert_eq!(
            dtype.to_f32(&bytes),
            vec![0.0; 2 * dtype.block()],
            "{dtype}"
        );
    }
    assert_eq!(Dtype::from_gguf(12), Ok(Dtype::Q4K));
    assert_eq!(Dtype::from_gguf(20), Err("IQ4_NL".to_owned()));
    assert_eq!(Dtype::from_gguf(4), Err("format 4".to_owned()));
}

#[test]
fn weights_that_are_no_numbers_are_seen() {
    for dtype in Dtype::ALL {
        let size = dtype.block_bytes();
        let whole = vec![0_u8; 3 * size];
        assert!(dtype.is_finite(&whole), "{dtype}");
        // Every pair of bytes that makes a decoded weight no number, and none besides.
        for at in 0..size - 1 {
            let mut bytes = whole.clone();
            let place = size + at;
            bytes[place..place + 2].copy_from_slice(&[0xff, 0xff]);
            let worth = dtype.to_f32(&bytes);
            let finite = worth.iter().all(|weight| weight.is_finite());
            assert!(finite || !dtype.is_finite(&bytes), "{dtype}, byte {at}");
        }
    }
    assert!(!Dtype::F16.is_finite(&[0, 0x7c]), "infinite");
    assert!(!Dtype::Bf16.is_finite(&[0x80, 0xff]), "minus infinite");
    assert!(!Dtype::Q8_0.is_finite(&[&[0, 0x7e][..], &[0; 32]].concat()));
}
