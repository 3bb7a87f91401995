# A program of Python's imaplib: `look` prints all that is there as JSON, `work` does what the JSON on standard input says.
import hashlib, imaplib, json, re, ssl, sys

port, ca, user, password, verb = int(sys.argv[1]), *sys.argv[2:6]
box = imaplib.IMAP4_SSL('localhost', port, ssl_context=ssl.create_default_context(cafile=ca))
box.login(user, password)


def quoted(name):
    return '"' + name.replace('\\', '\\\\').replace('"', '\\"') + '"'


# Each with its parts joined by a slash, whatever the server has between them.
def mailboxes():
    for line in box.list()[1]:
        attributes, separator, name = re.fullmatch(r'\((.*?)\) "(.)" "?(.*?)"?', line.decode()).groups()
        if '\\Noselect' not in attributes:
            yield name, name.replace(separator, '/')


def messages(name, path):
    count = int(box.select(quoted(name), readonly=True)[1][0])
    data = box.uid('FETCH', '1:*', '(FLAGS BODY.PEEK[])')[1] if count else []
    for at, part in enumerate(data):
        if not isinstance(part, tuple):
            continue
        # Some servers tell the flags behind the message.
        words = part[0] + (data[at + 1] if isinstance(data[at + 1], bytes) else b'')
        flags = re.search(rb'FLAGS \(([^)]*)\)', words).group(1).decode().split()
        yield {'mailbox': path, 'hash': hashlib.sha256(part[1]).hexdigest(), 'flags': flags}


def look():
    print(json.dumps([one for name, path in mailboxes() for one in [{'mailbox': path}, *messages(name, path)]]))


def work(todo):
    box.select('INBOX')
    uid = lambda subject: box.uid('SEARCH', None, 'SUBJECT', quoted(subject))[1][0].decode()
    assert box.uid('STORE', uid(todo['flag']), '+FLAGS', '(\\Flagged todo)')[0] == 'OK'
    assert box.uid('MOVE', uid(todo['move']), quoted(todo['to']))[0] == 'OK'
    assert box.uid('STORE', uid(todo['remove']), '+FLAGS', '(\\Deleted)')[0] == 'OK'
    assert box.uid('EXPUNGE', uid(todo['remove']))[0] == 'OK'
    when = imaplib.Time2Internaldate(1700000000)
    assert box.append(quoted(todo['to']), '(\\Seen)', when, todo['letter'].encode())[0] == 'OK'


look() if verb == 'look' else work(json.load(sys.stdin))
box.logout()
