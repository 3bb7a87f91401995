import { HttpProblem } from '../problem.ts';

const ERROR = 'urn:ietf:params:jmap:error:';

/** RFC 8620 3.6.1: nothing of the request was done. */
export const requestProblems = {
  unknownCapability: (name: string): HttpProblem =>
    new HttpProblem(400, 'A capability is not known here', { type: `${ERROR}unknownCapability`, more: { detail: name.slice(0, 200) } }),
  notJson: (): HttpProblem => new HttpProblem(400, 'The body is no I-JSON sent as application/json', { type: `${ERROR}notJSON` }),
  notRequest: (detail: string): HttpProblem =>
    new HttpProblem(400, 'The JSON is no JMAP request', { type: `${ERROR}notRequest`, more: { detail: detail.slice(0, 300) } }),
  limit: (limit: string, status = 400): HttpProblem =>
    new HttpProblem(status, 'The request is beyond a limit of the session', { type: `${ERROR}limit`, more: { limit } }),
};
