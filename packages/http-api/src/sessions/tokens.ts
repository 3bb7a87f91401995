import { jwtVerify, SignJWT } from 'jose';
import type { Clock } from '@stopgap/core';
import type { SessionKeys } from './session-keys.ts';

/** It is renewed by the refresh token, whose session is looked up; so little is in it, and it lives short. */
export const TOKEN_MS = 15 * 60_000;
const ISSUER = 'stopgap';
const AUDIENCE = 'stopgap-http';
const TYPE = 'session+jwt';
/** Ours have some 300; nobody's signature is computed over megabytes. */
const LONGEST_TOKEN = 2048;

export interface Tokens {
  issue(session: string): Promise<string>;
  /** The id of the session; undefined: none of ours, or not any more. Never rejects. */
  read(token: string): Promise<string | undefined>;
}

/** RFC 8725: one algorithm, the key by our own list alone, type, issuer and audience checked, no leeway. */
export function createTokens(keys: SessionKeys, clock: Clock): Tokens {
  return {
    issue(session) {
      const nowS = Math.floor(clock.nowMs() / 1000);
      return new SignJWT()
        .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid: keys.signing.kid })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(session)
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + TOKEN_MS / 1000)
        .sign(keys.signing.key);
    },
    async read(token) {
      if (token.length > LONGEST_TOKEN) return undefined;
      try {
        const { payload } = await jwtVerify(
          token,
          ({ kid }) => {
            const key = kid === undefined ? undefined : keys.verifying(kid);
            if (key === undefined) throw new Error('not a key of ours');
            return key;
          },
          {
            algorithms: ['EdDSA'],
            typ: TYPE,
            issuer: ISSUER,
            audience: AUDIENCE,
            requiredClaims: ['sub', 'iat', 'exp'],
            clockTolerance: 0,
            currentDate: new Date(clock.nowMs()),
          },
        );
        return payload.sub;
      } catch {
        return undefined;
      }
    },
  };
}
