# A program of Perl's Mail::IMAPClient: `look` prints all that is there as JSON, `work` does what the JSON on standard input says.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use JSON::PP;
use Mail::IMAPClient;

my ($port, $ca, $user, $password, $verb) = @ARGV;
my $box = Mail::IMAPClient->new(
    Server   => 'localhost',
    Port     => $port,
    Ssl      => ['SSL_ca_file', $ca, 'SSL_verify_mode', 1, 'SSL_verifycn_name', 'localhost'],
    User     => $user,
    Password => $password,
    Uid      => 1,
    Peek     => 1,
) or die "$@";

if ($verb eq 'look') {
    my @all;
    my $separator = $box->separator;
    for my $name ($box->folders) {
        # With its parts joined by a slash, whatever the server has between them.
        my $path = $name =~ s/\Q$separator\E/\//gr;
        push @all, { mailbox => $path };
        $box->examine($name) or next;
        my @uids  = $box->messages;
        my $flags = @uids ? $box->flags(\@uids) : {};
        for my $uid (@uids) {
            my $text = $box->message_string($uid);
            die $box->LastError unless defined $text;
            push @all, { mailbox => $path, hash => sha256_hex($text), flags => $flags->{$uid} };
        }
    }
    print encode_json(\@all);
}
else {
    my $todo = decode_json(join '', <STDIN>);
    $box->select('INBOX') or die $box->LastError;
    my $uid = sub { ($box->search('SUBJECT', $_[0]))[0] // die "no $_[0]" };
    $box->store($uid->($todo->{flag}), '+FLAGS', '(\\Flagged todo)') or die $box->LastError;
    $box->move($todo->{to}, $uid->($todo->{move})) or die $box->LastError;
    $box->delete_message($uid->($todo->{remove})) or die $box->LastError;
    $box->expunge or die $box->LastError;
    $box->append_string($todo->{to}, $todo->{letter}, '(\\Seen)') or die $box->LastError;
}
$box->logout;
