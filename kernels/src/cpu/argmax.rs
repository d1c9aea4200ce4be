/// The lowest id of the largest logit; `None` if the logits are no numbers to choose by: one is NaN
/// or infinitely large, or none is finite.
pub fn argmax(logits: &[f32]) -> Option<u32> {
    let (mut best, mut finite) = (None, false);
    for (id, logit) in (0..).zip(logits) {
        if logit.is_nan() || *logit == f32::INFINITY {
            return None;
        }
        finite |= logit.is_finite();
        if best.is_none_or(|(_, largest)| *logit > largest) {
            best = Some((id, *logit));
        }
    }
    best.filter(|_| finite).map(|(id, _)| id)
}
