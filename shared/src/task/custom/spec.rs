//! Specs of the task `custom`, and what their scripts say of themselves.

use super::{ID, TaskAbout};
use crate::task::{GenerateError, Profile, TaskSpec};
use crate::tokens::Tokens;

impl TaskSpec {
    /// A spec of the task `custom` with its script.
    pub fn custom(script: &str, max_seq_length: Tokens, random_seed: u32) -> Self {
        Self {
            profile: Profile::Stratified,
            script: Some(script.to_owned()),
            ..Self::new(ID, max_seq_length, random_seed)
        }
    }

    /// What the script of a custom task says of itself; nothing for the other tasks.
    ///
    /// # Errors
    /// The script is missing, wrong, or there without its task.
    pub fn about(&self) -> Result<Option<TaskAbout>, GenerateError> {
        match &self.script {
            Some(script) if self.takes_script() => TaskAbout::read(script).map(Some),
            Some(_) => Err(self.script_unwanted()),
            None if self.takes_script() => Err(GenerateError::ScriptMissing),
            None => Ok(None),
        }
    }
}
