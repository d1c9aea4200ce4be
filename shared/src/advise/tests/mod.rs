//! Tests of the advisor.

mod costs;
mod doubts;
mod fixes;
mod plain;
mod properties;
mod published;
mod results;
mod rows;
mod situations;
mod suite;
mod words;
mod written;
