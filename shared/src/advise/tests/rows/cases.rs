//! The situations that several rows share.

use super::super::situations::{ALL_LOST, CHAINS_LOST, GOOD, work};
use crate::advise::Evidence;
use crate::advise::evidence::LongBenchMode::Direct;
use crate::advise::evidence::PriorAdaptation::Continued;
use crate::advise::evidence::Workload::{
    DocumentLookup, DomainShifted, LegalScientific, MultiDocumentSynthesis, SafetyCritical,
};
use crate::task::RulerCategory;

pub(super) fn lookup(target: u32, window: u32) -> Evidence {
    work(DocumentLookup, target, window)
}

pub(super) fn synthesis() -> Evidence {
    work(MultiDocumentSynthesis, 128, 128)
}

pub(super) fn legal() -> Evidence {
    work(LegalScientific, 128, 128)
}

pub(super) fn domain() -> Evidence {
    work(DomainShifted, 128, 128)
}

pub(super) fn safety() -> Evidence {
    work(SafetyCritical, 128, 128)
}

pub(super) fn long_lost() -> Evidence {
    lookup(128, 32)
        .at(4, GOOD)
        .at(32, GOOD)
        .at(128, ALL_LOST)
        .asked(Direct, 42.0)
        .long(25.0)
}

pub(super) fn chains_lost() -> Evidence {
    synthesis()
        .at(4, GOOD)
        .at(128, CHAINS_LOST)
        .answers(38.0, 41.0)
}

pub(super) fn nowhere_read() -> Evidence {
    synthesis()
        .at(16, ALL_LOST)
        .at(32, ALL_LOST)
        .at(128, ALL_LOST)
        .answers(33.0, 34.0)
}

pub(super) fn foreign() -> Evidence {
    domain()
        .at(32, ALL_LOST)
        .at(64, ALL_LOST)
        .at(128, ALL_LOST)
        .answers(36.0, 38.0)
}

pub(super) fn ceiling() -> Evidence {
    synthesis().at(4, GOOD).at(128, GOOD).answers(42.0, 55.0)
}

pub(super) fn adapted() -> Evidence {
    synthesis()
        .after(Continued)
        .at(128, GOOD)
        .had(90.0, 60.0, 40.0)
}

pub(super) fn degraded() -> Evidence {
    safety().at(4, GOOD).at(128, CHAINS_LOST)
}

pub(super) fn synthesis_beyond() -> Evidence {
    work(MultiDocumentSynthesis, 128, 32)
}

pub(super) fn needle_only() -> Evidence {
    let mut evidence = work(MultiDocumentSynthesis, 128, 128)
        .at(128, GOOD)
        .asked(Direct, 40.0);
    evidence
        .ruler
        .retain(|one| one.category == Some(RulerCategory::SingleNeedle));
    evidence
}
