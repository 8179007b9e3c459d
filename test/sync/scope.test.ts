import { describeEachBackend } from '../support/matrix.js';
import { bytesContract } from './bytes.contract.js';
import { conflictsContract } from './conflicts.contract.js';
import { endingsContract } from './endings.contract.js';
import { partialContract } from './partial.contract.js';
import { writingContract } from './writing.contract.js';

describeEachBackend('sync scopes: what is written', {}, (backend) => writingContract(backend));
describeEachBackend('sync scopes: conflicts', {}, (backend) => conflictsContract(backend));
describeEachBackend('sync scopes: endings', {}, (backend) => endingsContract(backend));
describeEachBackend('sync scopes over some of it', {}, (backend) => partialContract(backend));
describeEachBackend('sync scopes: bytes', {}, (backend) => bytesContract(backend));
